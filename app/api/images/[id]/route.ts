import { StudioError } from '@/models/errors';
import { studio } from '@/server/studio/singleton';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { sharedComparison } from '@/server/history/shares';
import { requestContext } from '@/server/studio/request-context';
import { errorResponse } from '@/server/http/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/**
 * The picture as it is kept, or with `?thumbnail` a small JPEG: to its owner, or with `?share=TOKEN` to whoever has the
 * link to a comparison of it.
 */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    if (foreign) return errorResponse(foreign);
    const { searchParams } = new URL(request.url);
    const { images, database, clients } = await studio();
    const { id } = await params;
    const share = searchParams.get('share');
    const context = await requestContext(request, env(), studio, () => {});
    const visible =
      share === null
        ? await images.has(id, context.owner)
        : (await clients.guess(context.client, () => sharedComparison(database, share))).imageId === id;
    if (!visible)
      return errorResponse(
        new StudioError(
          'not-found',
          'There is no such picture here; an upload that no comparison uses is removed after a day. Upload it again.',
        ),
      );
    const { mime, bytes } = await images.file(id, searchParams.has('thumbnail'));
    return new Response(bytes, {
      headers: {
        'content-type': mime,
        'content-length': String(bytes.byteLength),
        // The bytes of an id never change; they are the visitor's own, so no shared cache. A link can be revoked.
        'cache-control': share === null ? 'private, max-age=31536000, immutable' : 'private, no-store',
        'content-disposition': 'inline',
      },
    });
  } catch (error) {
    return errorResponse(error);
  }
}
