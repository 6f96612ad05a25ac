import type { Said } from '../../models/said';

/** Why something is asked of the hub once more. */
export const waitReasons = {
  silent: '{{host}} did not answer within {{seconds}} s',
  stalled: '{{host}} sent nothing for {{seconds}} s',
  status: 'the hub answers with status {{status}}',
  ended: '{{host}} ended the connection at {{received}} of {{bytes}} bytes',
  restRefused: 'the hub refuses to send the rest, so all of it is asked for',
  otherPart: 'the hub sent another part than was asked for, so all of it is asked for',
  nameUnknown: '{{host}}: its name is not known (no network?)',
  nameLookup: '{{host}}: its name cannot be looked up now (no network?)',
  refused: '{{host}}: it refuses the connection',
  cut: '{{host}}: the connection was cut',
  noAnswer: '{{host}}: it does not answer',
  expired: '{{host}}: its certificate has expired',
  selfSigned: '{{host}}: its certificate is self-signed',
  failed: '{{host}}: the connection failed',
  failedBy: '{{host}}: the connection failed ({{code}})',
} as const;

const failures: Record<string, keyof typeof waitReasons> = {
  ENOTFOUND: 'nameUnknown',
  EAI_AGAIN: 'nameLookup',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'cut',
  UND_ERR_SOCKET: 'cut',
  ETIMEDOUT: 'noAnswer',
  UND_ERR_CONNECT_TIMEOUT: 'noAnswer',
  CERT_HAS_EXPIRED: 'expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'selfSigned',
};

/** What lies behind fetch's "fetch failed". */
export function connectionFailure(host: string, thrown: unknown): Said {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : failures[code];
  if (known) return { sentence: waitReasons[known], values: { host } };
  return code === undefined
    ? { sentence: waitReasons.failed, values: { host } }
    : { sentence: waitReasons.failedBy, values: { host, code } };
}
