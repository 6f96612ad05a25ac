import { env } from '@/server/env/env';
import { installedFamilies } from '@/server/families/settings';
import { foreignRequest } from '@/server/env/same-origin';
import { errorResponse } from '@/server/http/error-response';
import { familyManifest } from '@/server/weights/weight-file';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** The manifest of a family, which names its files by their hashes. */
export async function GET(request: Request, { params }: { params: Promise<{ name: string }> }): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    return foreign ? errorResponse(foreign) : await familyManifest((await params).name, installedFamilies());
  } catch (error) {
    return errorResponse(error);
  }
}
