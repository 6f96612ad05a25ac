import { env } from '../env/env';
import { foreignRequest } from '../env/same-origin';
import type { Studio } from './studio';
import { errorResponse } from '../http/error-response';
import { requestContext } from './request-context';

/**
 * The door of every route that takes something in to keep: from the studio's own origin alone, within the client's
 * limits and the
 * owner's disk. `take` reads the body and keeps it for the owner. Answers 201 with what it returns, or the error in
 * words.
 */
export async function uploadDoor(
  request: Request,
  studio: () => Promise<Studio>,
  take: (owner: string, studio: Studio) => Promise<unknown>,
  settings = env(),
): Promise<Response> {
  try {
    const foreign = foreignRequest(request, settings);
    if (foreign) return errorResponse(foreign);
    const headers = new Headers({ 'cache-control': 'no-store' });
    const { owner, client } = await requestContext(request, settings, studio, (header) =>
      headers.append('set-cookie', header),
    );
    const opened = await studio();
    opened.clients.upload(client);
    await opened.demandRoom(owner);
    return Response.json(await take(owner, opened), { status: 201, headers });
  } catch (error) {
    return errorResponse(error);
  }
}
