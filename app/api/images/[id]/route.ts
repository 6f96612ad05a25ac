import { studio } from '@/server/comparisons/singleton';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { errorResponse } from '@/server/trpc/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** The picture as it is kept, or with `?thumbnail` a small JPEG. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env().HOST);
    if (foreign) return errorResponse(foreign);
    const thumbnail = new URL(request.url).searchParams.has('thumbnail');
    const { mime, bytes } = await (await studio()).images.file((await params).id, thumbnail);
    return new Response(bytes, {
      headers: {
        'content-type': mime,
        'content-length': String(bytes.byteLength),
        // The bytes of an id never change; they are the visitor's own, so no shared cache.
        'cache-control': 'private, max-age=31536000, immutable',
        'content-disposition': 'inline',
      },
    });
  } catch (error) {
    return errorResponse(error);
  }
}
