import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { receiveImage } from '@/server/comparisons/receive-image';
import { studio } from '@/server/comparisons/singleton';
import { demandRoom } from '@/server/history/disk';
import { requestContext } from '@/server/owners/request-context';
import { errorResponse } from '@/server/trpc/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Upload: the file itself as the body, or a form with a file in it. Answers with an `UploadedImage` (server/trpc/types.ts). */
export async function POST(request: Request): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env().HOST);
    if (foreign) return errorResponse(foreign);
    const headers = new Headers({ 'cache-control': 'no-store' });
    const { owner, client } = requestContext(request, env(), studio, (header) => headers.append('set-cookie', header));
    const { images, clients, database, diskLimits } = await studio();
    clients.upload(client);
    await demandRoom(database, owner, diskLimits);
    return Response.json(await receiveImage(request, images, owner), { status: 201, headers });
  } catch (error) {
    return errorResponse(error);
  }
}
