import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorBody } from '../../kept/answers';
import type { Env } from '../env/env';
import { foreignRequest } from '../env/same-origin';

/** Pages and files are read, and nothing else; the routes below `/api/` say themselves which of theirs they take. */
const methods = { page: ['GET', 'HEAD'], api: ['GET', 'HEAD', 'POST', 'OPTIONS'] };

export type Refusal = {
  status: 400 | 403 | 405;
  code: 'option-invalid' | 'forbidden';
  message: string;
  allow?: string;
};

/**
 * What no page, file or route has to see: another site's name in Host, or what it may not send (env/same-origin.ts);
 * methods that nothing here has; addresses that cannot be read. @returns undefined where the request may come in
 */
export function refusal(
  { method = '', url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  settings: Pick<Env, 'HOST' | 'STUDIO_ORIGIN' | 'STUDIO_API_ORIGINS'>,
): Refusal | undefined {
  const path = url.split(/[?#]/, 1)[0]!;
  const allowed = isApi(path) ? methods.api : methods.page;
  if (!allowed.includes(method))
    return {
      status: 405,
      code: 'option-invalid',
      message: `Nothing here takes the method ${method}. Use ${allowed.join(', ')}.`,
      allow: allowed.join(', '),
    };
  const asked = { method, headers: { get: (name: string) => headers[name]?.toString() ?? null } };
  const foreign = foreignRequest(asked, settings, isForPrograms(path) ? settings.STUDIO_API_ORIGINS : []);
  if (foreign) return { status: 403, code: 'forbidden', message: foreign.message };
  const wrong = whatIsWrong(path);
  if (wrong)
    return {
      status: 400,
      code: 'option-invalid',
      message: `The address cannot be read: ${wrong}. Check it, or begin at the studio’s first page.`,
    };
  return undefined;
}

/** As JSON for programs, as a sentence for whoever opened a page. */
export function refuse(
  { status, code, message, allow }: Refusal,
  { url = '', method }: Pick<IncomingMessage, 'url' | 'method'>,
  answer: ServerResponse,
): void {
  const body = isApi(url) ? JSON.stringify({ error: { code, message } } satisfies ErrorBody) : `${message}\n`;
  answer.writeHead(status, {
    'content-type': isApi(url) ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    // What else is on its way is not read.
    connection: 'close',
    ...(allow === undefined ? {} : { allow }),
  });
  answer.end(method === 'HEAD' ? undefined : body);
}

/** What other programs call (server/programs), `/v1/` in the shapes of OpenAI's API. */
const isForPrograms = (path: string) => path.startsWith('/api/v1/') || path.startsWith('/v1/');
const isApi = (path: string) => path.startsWith('/api/') || path.startsWith('/v1/');

/** What is wrong with a path as it came; undefined where nothing is. */
function whatIsWrong(path: string): string | undefined {
  if (!path.startsWith('/')) return 'it must begin with /';
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return 'a % in it is not followed by two hexadecimal digits that are UTF-8';
  }
  if (/[\u0000-\u001f\u007f\\]/.test(decoded)) return 'there is a backslash or a control character in it';
  if (decoded.split('/').some((part) => part === '.' || part === '..')) return 'there is . or .. in it';
  return undefined;
}
