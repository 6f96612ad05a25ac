import { StudioError } from '../../models/errors';
import { type Env, env } from '../env/env';
import { forVisitors } from '../errors/for-visitors';
import { told } from '../errors/told';
import { errorResponse } from '../http/error-response';
import type { Studio } from '../studio/studio';
import { callerOf, demandScope, originHeaders } from './caller';
import { openAiError } from './openai/error';
import { openApiDocument } from './openapi';
import type { Operation } from './operation';
import { operationOf } from './operations';
import { readRequest } from './read-body';

/** Where the document of all that can be asked for is. */
export const documentPath = '/api/v1/openapi.json';

/** Answers a program's request: `/api/v1/…`, and `/v1/…` in the shapes of OpenAI's API. */
export async function serveProgram(
  request: Request,
  studio: () => Promise<Studio>,
  settings: Env = env(),
): Promise<Response> {
  const path = new URL(request.url).pathname;
  const likeOpenAi = path.startsWith('/v1/');
  let headers: Record<string, string> = {};
  try {
    headers = originHeaders(request, settings);
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers });
    return withHeaders(await answer(request, path, studio, settings), headers);
  } catch (error) {
    return withHeaders(likeOpenAi ? openAiResponse(error, settings) : errorResponse(error, settings), headers);
  }
}

async function answer(request: Request, path: string, studio: () => Promise<Studio>, settings: Env): Promise<Response> {
  const { here, name } = operationOf(path);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (path === documentPath && method === 'GET') {
    demandScope(await callerOf(request, settings, studio), 'read');
    return Response.json(openApiDocument(settings.STUDIO_ORIGIN ?? new URL(request.url).origin));
  }
  if (!here.length)
    throw new StudioError(
      'not-found',
      `There is nothing at ${path.slice(0, 200)}. ${documentPath} lists what there is.`,
    );
  const it = here.find((one) => one.method === method);
  if (!it) {
    const allow = here.map((one) => one.method).join(', ');
    return withHeaders(
      Response.json(
        { error: { code: 'option-invalid', message: `${path.slice(0, 200)} takes ${allow}, not ${request.method}.` } },
        { status: 405 },
      ),
      { allow },
    );
  }
  return run(it, name, request, studio, settings);
}

async function run(
  it: Operation,
  name: string,
  request: Request,
  studio: () => Promise<Studio>,
  settings: Env,
): Promise<Response> {
  const caller = await callerOf(request, settings, studio);
  demandScope(caller, it.scope);
  const opened = await studio();
  const isJson = /^application\/(.+\+)?json\b/i.test(request.headers.get('content-type') ?? '');
  if (it.form && !isJson) {
    opened.clients.upload(caller.client);
    await opened.demandRoom(caller.owner);
  }
  const { body, picture } = await readRequest(it, request, opened, caller.owner);
  const left = new AbortController();
  try {
    const result = await it.handle({
      request,
      settings,
      studio: opened,
      caller,
      comparisons: opened.of(caller.owner, caller.client),
      name,
      body,
      picture,
      signal: AbortSignal.any([request.signal, left.signal]),
      leave: () => left.abort(),
    });
    return result instanceof Response ? result : Response.json(result, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    if (picture !== undefined) await opened.images.forget(picture, caller.owner);
    throw error;
  }
}

function openAiResponse(thrown: unknown, settings: Env): Response {
  const error = forVisitors(told(thrown), settings);
  const { status, body } = openAiError(error);
  const seconds: Record<string, string> =
    error.code === 'busy' ? { 'retry-after': String(error.details?.retryAfterSeconds ?? 2) } : {};
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...seconds } });
}

function withHeaders(response: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
