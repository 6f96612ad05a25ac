import { studio } from '@/server/studio/singleton';
import { errorResponse } from '@/server/http/error-response';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/**
 * Answers once the database is up to date; `npm start` asks it first, so that work left by a dead server is tidied at
 * once.
 */
export async function GET(): Promise<Response> {
  try {
    return Response.json(
      { ok: true, ...(await studio()).comparisons.load() },
      { headers: { 'cache-control': 'no-store' } },
    );
  } catch (error) {
    return errorResponse(error);
  }
}
