'use client';
import { useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { addressAt } from '../comparisons/address';
import { Studio } from '../studio/studio';

/**
 * A comparison that is kept in the visitor's own browser (`?id=`). One page for all of them, so that it opens offline
 * too.
 */
export default function Page() {
  return (
    <Suspense>
      <Shown />
    </Suspense>
  );
}

function Shown() {
  return <Studio opened={addressAt('/local', useSearchParams())} />;
}
