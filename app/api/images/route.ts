import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { receiveImage } from '@/server/comparisons/receive-image';
import { studio } from '@/server/comparisons/singleton';
import { errorResponse } from '@/server/trpc/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Upload: the file itself as the body, or a form with a file in it. Answers with an `UploadedImage` (server/trpc/types.ts). */
export async function POST(request: Request): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env().HOST);
    if (foreign) return errorResponse(foreign);
    return Response.json(await receiveImage(request, (await studio()).images), { status: 201, headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return errorResponse(error);
  }
}
