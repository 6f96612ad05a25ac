import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { errorResponse } from '@/server/trpc/error-response';
import { appRouter } from '@/server/trpc/router';
import { studio } from '@/server/comparisons/singleton';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

function handler(request: Request): Response | Promise<Response> {
  const foreign = foreignRequest(request, env().HOST);
  if (foreign) return errorResponse(foreign);
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: () => ({ studio }),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') console.error(path, error.cause ?? error);
    },
  });
}

export { handler as GET, handler as POST };
