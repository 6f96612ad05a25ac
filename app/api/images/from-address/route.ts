import { receiveAddress } from '@/server/comparisons/receive-image';
import { studio } from '@/server/studio/singleton';
import { addressRule, env } from '@/server/env/env';
import { uploadDoor } from '@/server/studio/upload-door';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/**
 * A picture from an address, `{"address"}`, fetched by the studio where its settings allow it
 * (server/media/fetch-picture.ts). Answers as an upload does, with a name.
 */
export function POST(request: Request): Promise<Response> {
  return uploadDoor(request, studio, (owner, { images }) => receiveAddress(request, images, owner, addressRule(env())));
}
