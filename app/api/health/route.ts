import { studio } from '@/server/studio/singleton';
import { placeOf } from '@/server/db/open';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { errorResponse } from '@/server/http/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/**
 * Answers once the database is up to date; `npm start` asks it first, so that work left by a dead server is tidied at
 * once. 503 where nothing can be kept any more: the folder of data is gone or read-only.
 */
export async function GET(request: Request): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    if (foreign) return errorResponse(foreign);
    const { database, comparisons } = await studio();
    placeOf(database).demand();
    return Response.json({ ok: true, ...comparisons.load() }, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return errorResponse(error);
  }
}
