import { StudioError } from '@/models/errors';
import { studio } from '@/server/studio/singleton';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { requestContext } from '@/server/studio/request-context';
import { errorResponse } from '@/server/http/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** A photo of an own collection as a JPEG, small, or with `&large` to be looked at: `?key=KEY`. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    if (foreign) return errorResponse(foreign);
    const asked = new URL(request.url).searchParams;
    const key = asked.get('key');
    if (key === null) throw new StudioError('option-invalid', 'Name the photo: ?key=KEY, as its row has it.');
    const { owner } = await requestContext(request, env(), studio, () => {});
    const bytes = await (
      await studio()
    ).collections.tables.picture(owner, (await params).id, key, asked.has('large') ? 'large' : 'small');
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
