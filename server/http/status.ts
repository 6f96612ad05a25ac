import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';
import type { ErrorCode } from '../../models/errors';

type Status = { trpc: TRPC_ERROR_CODE_KEY; http: number };
const badInput: Status = { trpc: 'BAD_REQUEST', http: 400 };
const failure: Status = { trpc: 'INTERNAL_SERVER_ERROR', http: 500 };

const statuses: Record<ErrorCode, Status> = {
  'image-unreadable': { trpc: 'UNSUPPORTED_MEDIA_TYPE', http: 415 },
  'image-too-large': { trpc: 'PAYLOAD_TOO_LARGE', http: 413 },
  'embedding-invalid': badInput,
  'embedding-mismatch': badInput,
  'option-invalid': badInput,
  'decoder-unknown': badInput,
  'family-unknown': badInput,
  'needs-image': badInput,
  'references-invalid': badInput,
  'import-invalid': badInput,
  'not-found': { trpc: 'NOT_FOUND', http: 404 },
  'key-invalid': { trpc: 'UNAUTHORIZED', http: 401 },
  forbidden: { trpc: 'FORBIDDEN', http: 403 },
  busy: { trpc: 'TOO_MANY_REQUESTS', http: 503 },
  cancelled: { trpc: 'CLIENT_CLOSED_REQUEST', http: 499 },
  interrupted: { trpc: 'SERVICE_UNAVAILABLE', http: 503 },
  'device-unavailable': { trpc: 'SERVICE_UNAVAILABLE', http: 503 },
  'device-failed': failure,
  'device-lost': failure,
  'device-wrong': failure,
  'storage-full': { trpc: 'PAYLOAD_TOO_LARGE', http: 507 },
  'storage-unavailable': { trpc: 'SERVICE_UNAVAILABLE', http: 503 },
  'hub-unreachable': { trpc: 'BAD_GATEWAY', http: 502 },
  'hub-refused': { trpc: 'BAD_GATEWAY', http: 502 },
  'hub-missing': { trpc: 'BAD_GATEWAY', http: 502 },
  'family-exists': { trpc: 'CONFLICT', http: 409 },
  'family-needed': { trpc: 'CONFLICT', http: 409 },
  'weights-missing': failure,
  'weights-corrupt': failure,
  'weights-invalid': failure,
  'file-unreadable': failure,
  internal: failure,
};

/** How an error of the studio is told over HTTP, by routes and by tRPC. */
export const statusOf = (code: ErrorCode): Status => statuses[code];
