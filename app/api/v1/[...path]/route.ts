import { serveProgram } from '@/server/programs/serve';
import { studio } from '@/server/studio/singleton';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

const handler = (request: Request) => serveProgram(request, studio);
export { handler as GET, handler as HEAD, handler as OPTIONS, handler as POST };
