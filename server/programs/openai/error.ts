import type { ErrorCode, StudioError } from '../../../models/errors';
import { statusOf } from '../../http/status';

/** Statuses that OpenAI's clients know better than ours: what is busy is tried again, what is not there is named. */
const statuses: Partial<Record<ErrorCode, number>> = { busy: 429, 'image-unreadable': 400, 'needs-image': 400 };
const kinds: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'invalid_request_error',
  429: 'rate_limit_error',
};

/** An error as OpenAI's API tells it. */
export function openAiError({ code, message, details }: StudioError) {
  const status = statuses[code] ?? statusOf(code).http;
  const param = typeof details?.param === 'string' ? details.param : null;
  const named = param === 'model' ? 'model_not_found' : code;
  return { status, body: { error: { message, type: kinds[status] ?? 'server_error', param, code: named } } };
}
