import * as z from 'zod';
import { StudioError } from '../../models/errors';
import { isOpen } from './listen';
import { publicOrigin } from './public-origin';
// What does not fit is said in the studio's words.
import './zod-words';

/** Unset and empty mean the same: an empty `DATABASE_URL=""` must not open the project folder as a database. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);
const count = (fallback: number, min: number, max: number) =>
  optional(z.coerce.number().int().min(min).max(max).default(fallback));
const milliseconds = (fallback: number) => count(fallback, 1, 24 * 3600_000);

const schema = z
  .object({
    /** Where the comparisons are kept: a SQLite file. */
    DATABASE_URL: optional(
      z
        .string()
        .regex(/^file:.+/, 'expected file:PATH, e.g. file:./data/studio.db')
        .default('file:./data/studio.db'),
    ),
    /** How long a write waits while another program holds the database. */
    STUDIO_DATABASE_WAIT_MS: milliseconds(15_000),
    /** Address to listen on. Anything but the loopback opens the studio to the network. */
    HOST: optional(z.string().default('127.0.0.1')),
    PORT: count(3000, 1, 65535),
    STUDIO_DEVICE: optional(z.enum(['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml']).default('auto')),
    STUDIO_PRECISION: optional(z.enum(['fp32', 'fp16', 'q8']).optional()),
    /** Folder of the families that ship with the studio, one subfolder each; default: `models` of the repository. */
    STUDIO_FAMILIES_DIR: optional(z.string().optional()),
    /** Folder of the families that were pulled or imported. */
    STUDIO_INSTALLED_DIR: optional(z.string().default('./data/families')),
    /**
     * Where checkpoints are pulled from: the hub, or a mirror that speaks its addresses. With http:// nothing is
     * encrypted on the way.
     */
    HF_ENDPOINT: optional(
      z
        .url({ protocol: /^https?$/, error: 'expected an address, e.g. https://huggingface.co' })
        .refine((address) => !new URL(address).username, 'an address cannot hold a password; set HF_TOKEN')
        .default('https://huggingface.co'),
    ),
    /**
     * Token of an account of the hub, for gated files and higher limits; sent to HF_ENDPOINT's own origin and nowhere
     * else.
     */
    HF_TOKEN: optional(
      z
        .string()
        .regex(/^[\x21-\x7e]+$/, 'expected a token without spaces')
        .optional(),
    ),
    /** A download that receives nothing for this long is cut and asked for again. */
    STUDIO_HUB_STALL_MS: milliseconds(30_000),
    /** The first pause before a failed request is tried again; it doubles each time. */
    STUDIO_HUB_RETRY_MS: milliseconds(1_000),
    /**
     * Comparisons that run at once, and that may wait for their turn; beyond both the answer is `busy`. As many again
     * may wait of owners who have nothing in the queue.
     */
    STUDIO_RUNNING: count(2, 1, 64),
    STUDIO_WAITING: count(16, 0, 10_000),
    /** A comparison that nobody listens to is cancelled after this long. */
    STUDIO_GRACE_MS: milliseconds(5_000),
    /** Time a new comparison has to find its first listener. */
    STUDIO_FIRST_LISTENER_MS: milliseconds(30_000),
    /** How often a server says that it lives, and after how long without a sign its work counts as interrupted. */
    STUDIO_HEARTBEAT_MS: milliseconds(5_000),
    STUDIO_STALE_MS: milliseconds(20_000),
    /**
     * Who owns what is made: `local` one owner for all, `browser` each browser its own (a signed cookie), `auto` local
     * on the loopback only.
     */
    STUDIO_OWNERS: optional(z.enum(['auto', 'local', 'browser']).default('auto')),
    /** Megabytes that everything, and that one browser's owner, may take on the disk. */
    STUDIO_DISK_MB: count(10_000, 1, 10_000_000),
    STUDIO_OWNER_DISK_MB: count(1_000, 1, 10_000_000),
    /**
     * What one client may ask where each browser is its own owner: runs and uploads a minute, and runs that wait or
     * work at once.
     */
    STUDIO_CLIENT_RUNS_PER_MINUTE: count(30, 1, 100_000),
    STUDIO_CLIENT_UPLOADS_PER_MINUTE: count(60, 1, 100_000),
    STUDIO_CLIENT_RUNNING: count(4, 1, 10_000),
    /**
     * Pictures from addresses that people give, fetched by the server: `public` of the public internet, `any` also of
     * this machine and its network, `auto` public where this machine's owner alone uses the studio and else `off`.
     */
    STUDIO_ADDRESSES: optional(z.enum(['auto', 'off', 'public', 'any']).default('auto')),
    /**
     * Where people open the studio when a proxy stands in front of it; pages of this origin alone may change things.
     */
    STUDIO_ORIGIN: optional(publicOrigin.optional()),
    /** Origins whose pages may call the API for programs, separated by commas; others' browsers keep them from it. */
    STUDIO_API_ORIGINS: optional(
      z
        .string()
        .transform((text) => text.split(',').map((part) => part.trim()))
        .pipe(z.array(publicOrigin))
        .default([]),
    ),
    /** `1`: a proxy in front of the studio tells the client's address in X-Forwarded-For. */
    STUDIO_TRUST_PROXY: optional(z.enum(['0', '1']).default('0')),
  })
  .refine((settings) => settings.STUDIO_ADDRESSES !== 'any' || !isOpen(settings), {
    path: ['STUDIO_ADDRESSES'],
    error:
      'with any, whoever reaches the studio could look into this network; expected public or off where HOST or STUDIO_ORIGIN opens it',
  });
export type Env = z.infer<typeof schema>;

/** Which addresses pictures may be fetched from. */
export function addressRule({
  STUDIO_ADDRESSES: chosen,
  STUDIO_OWNERS,
  ...listens
}: Pick<Env, 'STUDIO_ADDRESSES' | 'HOST' | 'STUDIO_ORIGIN' | 'STUDIO_OWNERS'>): 'off' | 'public' | 'any' {
  if (chosen !== 'auto') return chosen;
  return !isOpen(listens) && STUDIO_OWNERS !== 'browser' ? 'public' : 'off';
}

/**
 * The settings of the server from environment variables.
 * @throws option-invalid that names every bad variable, what it holds and what was expected
 */
export function readEnv(source: Record<string, string | undefined> = process.env): Env {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    // A token is a secret, also in a message.
    return `${name}=${name.endsWith('TOKEN') ? '…' : JSON.stringify(source[name])}: ${issue.message}`;
  });
  throw new StudioError(
    'option-invalid',
    `Bad environment ${lines.length === 1 ? 'variable' : 'variables'}: ${lines.join('; ')}. Mend or unset, then start again.`,
  );
}

let cached: Env | undefined;
/** The settings of this process, read and checked once. */
export const env = (): Env => (cached ??= readEnv());
