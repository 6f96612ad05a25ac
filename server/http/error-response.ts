import { env } from '../env/env';
import { forVisitors } from '../errors/for-visitors';
import { told } from '../errors/told';
import { statusOf } from './status';
import type { ErrorBody } from '../../kept/answers';

/** The answer of a route that failed: the error as JSON (`ErrorBody`) under its HTTP status. */
export function errorResponse(thrown: unknown, settings = env()): Response {
  const error = forVisitors(told(thrown), settings);
  const body: ErrorBody = { error: error.toData() };
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  if (error.code === 'busy') headers['retry-after'] = String(error.details?.retryAfterSeconds ?? 2);
  return Response.json(body, { status: statusOf(error.code).http, headers });
}
