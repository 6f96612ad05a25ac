import { StudioError } from '@/models/errors';
import { studio } from '@/server/studio/singleton';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { requestContext } from '@/server/studio/request-context';
import { errorResponse } from '@/server/http/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** A photo of an own collection, small and as a JPEG: `?key=KEY`. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    if (foreign) return errorResponse(foreign);
    const key = new URL(request.url).searchParams.get('key');
    if (key === null) throw new StudioError('option-invalid', 'Name the photo: ?key=KEY, as its row has it.');
    const { owner } = await requestContext(request, env(), studio, () => {});
    const bytes = await (await studio()).collections.thumbnail(owner, (await params).id, key);
    return new Response(bytes, {
      headers: {
        'content-type': 'image/jpeg',
        'content-length': String(bytes.byteLength),
        // The file may be another tomorrow.
        'cache-control': 'private, max-age=600',
      },
    });
  } catch (error) {
    return errorResponse(error);
  }
}
