'use client';
import { ImageOff } from 'lucide-react';
import { blobUrl } from './blob-url';

/** A small picture: from the server by its address, from this browser by its bytes. */
export function Thumbnail({ picture }: { picture?: string | Blob }) {
  return (
    <span className="grid aspect-[4/3] w-full place-items-center overflow-hidden rounded-md border border-line bg-page text-quiet">
      {picture ? (
        // Sized by the server already.
        // eslint-disable-next-line @next/next/no-img-element
        <img
          src={picture instanceof Blob ? blobUrl(picture) : picture}
          alt=""
          loading="lazy"
          decoding="async"
          className="size-full object-cover"
        />
      ) : (
        <ImageOff size={18} aria-hidden />
      )}
    </span>
  );
}
