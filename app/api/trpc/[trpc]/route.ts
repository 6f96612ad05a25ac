import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { StudioError } from '@/models/errors';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { requestContext } from '@/server/studio/request-context';
import { errorResponse } from '@/server/http/error-response';
import { served } from '@/server/trpc/router';
import { studio } from '@/server/studio/singleton';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/**
 * Pictures go by /api/images; what comes here is small, and says how long it is. A comparison that a browser made comes
 * with all steps of all lanes.
 */
const limitOf = (path: string): number => (path.endsWith('/comparison.save') ? 16 * 1024 : 256) * 1024;

function handler(request: Request): Response | Promise<Response> {
  const foreign = foreignRequest(request, env());
  if (foreign) return errorResponse(foreign);
  const limit = limitOf(new URL(request.url).pathname);
  if (request.method === 'POST' && !(Number(request.headers.get('content-length') ?? NaN) <= limit))
    return errorResponse(
      new StudioError(
        'option-invalid',
        `A request may be ${limit / 1024} KB long and must say how long it is (Content-Length).`,
      ),
    );
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    ...served,
    createContext: ({ resHeaders }) =>
      requestContext(request, env(), studio, (header) => resHeaders.append('set-cookie', header)),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') console.error(path, error.cause ?? error);
    },
  });
}

export { handler as GET, handler as POST };
