'use client';
import { ImageOff } from 'lucide-react';
import { useState } from 'react';
import type { TableRow } from '@/kept/collections/table';

/** A photo of a collection, made small by the server; a sign where it cannot be shown. */
export function Photo({
  run,
  row,
  large = false,
  alt = '',
}: {
  run: string;
  row: TableRow;
  large?: boolean;
  alt?: string;
}) {
  const [gone, setGone] = useState(false);
  if (!row.shown || gone)
    return (
      <span className="grid size-full place-items-center text-quiet">
        <ImageOff size={20} aria-hidden />
      </span>
    );
  return (
    // eslint-disable-next-line @next/next/no-img-element
    <img
      src={`/api/collections/${run}/photo?key=${encodeURIComponent(row.key)}${large ? '&large' : ''}`}
      alt={alt}
      loading="lazy"
      decoding="async"
      onError={() => setGone(true)}
      className="size-full object-contain"
    />
  );
}
