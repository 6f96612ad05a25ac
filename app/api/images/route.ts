import { receiveImage } from '@/server/comparisons/receive-image';
import { studio } from '@/server/studio/singleton';
import { uploadDoor } from '@/server/studio/upload-door';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/**
 * Upload: the file itself as the body, or a form with a file in it. Answers with an `UploadedImage`
 * (kept/answers.ts).
 */
export function POST(request: Request): Promise<Response> {
  return uploadDoor(request, studio, (owner, { images }) => receiveImage(request, images, owner));
}
