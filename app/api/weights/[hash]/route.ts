import { env } from '@/server/env/env';
import { installedFamilies } from '@/server/families/settings';
import { foreignRequest } from '@/server/env/same-origin';
import { errorResponse } from '@/server/http/error-response';
import { weightFile } from '@/server/weights/weight-file';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** A weight file by its SHA-256; a range resumes a cut download. */
export async function GET(request: Request, { params }: { params: Promise<{ hash: string }> }): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    return foreign ? errorResponse(foreign) : await weightFile((await params).hash, request, installedFamilies());
  } catch (error) {
    return errorResponse(error);
  }
}
