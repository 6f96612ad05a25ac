import { StudioError } from '@/models/errors';
import { readBody } from '@/server/comparisons/receive-image';
import { studio } from '@/server/comparisons/singleton';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { demandRoom } from '@/server/history/disk';
import { importFile, importLimitBytes } from '@/server/history/import';
import { requestContext } from '@/server/owners/request-context';
import { errorResponse } from '@/server/trpc/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Reads a file that was exported as JSON (the file itself is the body) into the asker's history. */
export async function POST(request: Request): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env().HOST);
    if (foreign) return errorResponse(foreign);
    const headers = new Headers({ 'cache-control': 'no-store' });
    const { owner, client } = requestContext(request, env(), studio, (header) => headers.append('set-cookie', header));
    const { database, images, store, clients, diskLimits } = await studio();
    clients.upload(client);
    await demandRoom(database, owner, diskLimits);
    const tooLarge = () => new StudioError('image-too-large', `The file is larger than ${importLimitBytes / 1024 ** 2} MB. Export fewer comparisons at once, or import it by the command line.`);
    const body = await readBody(request, importLimitBytes, tooLarge);
    return Response.json(await importFile({ database, images, store }, owner, new TextDecoder().decode(body)), { status: 201, headers });
  } catch (error) {
    return errorResponse(error);
  }
}
