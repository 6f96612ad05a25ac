import * as z from 'zod';
import { StudioError } from '@/models/errors';
import { exportResponse } from '@/server/collections/export-response';
import { sinkFormats } from '@/server/collections/sinks/types';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { errorResponse } from '@/server/http/error-response';
import { requestContext } from '@/server/studio/request-context';
import { studio } from '@/server/studio/singleton';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

const wanted = z.enum(sinkFormats);
/**
 * An own collection as one of the files that the command line writes: `?format=FORMAT`. With `&check` nothing is sent:
 * the answer says whether it can be written so.
 */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    if (foreign) return errorResponse(foreign);
    const asked = new URL(request.url).searchParams;
    const format = wanted.safeParse(asked.get('format'));
    if (!format.success) throw new StudioError('option-invalid', `Name a format: ${sinkFormats.join(', ')}.`);
    const { owner, isAdministrator } = await requestContext(request, env(), studio, () => {});
    const opened = await studio();
    const asker = { owner, folders: opened.mayNameFolders(await isAdministrator()), enter: () => () => undefined };
    const made = await opened.collections.export(asker, (await params).id, format.data);
    if (!asked.has('check')) return exportResponse(format.data, made);
    made.content.destroy();
    return new Response(null, { status: 204 });
  } catch (error) {
    return errorResponse(error);
  }
}
