'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useStudioClient } from '../client/client';
import { createSender, type PhotoSender } from './photo-sender';

/** What sends the photos of this page; the page goes to the collection that is made of them. */
export function useSender(): PhotoSender {
  const client = useStudioClient();
  const router = useRouter();
  const queries = useQueryClient();
  const [sender] = useState(() =>
    createSender(client, (id) => {
      void queries.invalidateQueries({ queryKey: ['collections'] });
      router.push(`/collections/${id}`);
    }),
  );
  return sender;
}
