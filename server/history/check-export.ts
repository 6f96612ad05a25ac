import * as z from 'zod';
import { recordFormat } from '../../kept/record';
import { type ExportedComparison, exportedSchema } from '../../kept/record-schema';
import { StudioError } from '../../models/errors';
import { told } from '../errors/told';
import { contentHash } from './hash';
import { pictureDigest, takePicture } from './picture';
import { refused, splitExport } from './split-export';

const maxComparisons = 1_000;

export type Checked = { exported: ExportedComparison; picture?: Awaited<ReturnType<typeof takePicture>> };
/** A file whose head is right: the hash that it claims, and its comparisons one by one, not looked at yet. */
export type OpenedExport = { hash: string; count: number; comparison: (index: number) => unknown };

/** @throws import-invalid for what is no export, or is damaged outside of its comparisons */
export function openExport(bytes: Uint8Array): OpenedExport {
  const { around, parts } = splitExport(bytes);
  const { hash, comparisons } = parseHead(around);
  if (comparisons.length !== parts.length)
    throw refused('The file is damaged: what its list holds are not all comparisons. Export it anew.');
  return {
    hash,
    count: parts.length,
    comparison: (index) => {
      const { from, to } = parts[index]!;
      return parseJson(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8'));
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused('The file is not JSON (or is cut short). Expected one that was exported here as JSON.', cause);
  }
}

function parseHead(text: string): { hash: string; comparisons: unknown[] } {
  const json = parseJson(text);
  const head = z.object({ format: z.literal(recordFormat.format), version: z.number().int() }).safeParse(json);
  if (!head.success)
    throw refused(
      'The file is not an export of Caption Studio: it does not say "format": "caption-studio". Choose one that was exported as JSON.',
    );
  if (head.data.version < 1 || head.data.version > recordFormat.version)
    throw refused(
      `The file is of version ${head.data.version}; this studio reads versions 1 to ${recordFormat.version}. Update the studio, then import it again.`,
    );
  const body = z
    .strictObject({
      format: z.string(),
      version: z.number(),
      hash: z.string(),
      comparisons: z
        .array(z.unknown())
        .min(1, 'it holds no comparison')
        .max(maxComparisons, `at most ${maxComparisons} comparisons a file`),
    })
    .safeParse(json);
  if (!body.success) throw refused(`The file is damaged: ${issue(body.error)}. Export it anew.`);
  return body.data;
}

/** @param which names it in messages. @throws import-invalid, image-unreadable, image-too-large */
export async function checkComparison(raw: unknown, which: string): Promise<Checked> {
  const parsed = exportedSchema.safeParse(raw);
  if (!parsed.success) throw refused(`${which} is not as an export writes it: ${issue(parsed.error)}. Export it anew.`);
  const exported = parsed.data as ExportedComparison;
  const { comparison } = exported;
  if (contentHash(comparison) !== exported.hash)
    throw refused(
      `${which} was changed after it had been exported: its content does not fit its hash. Import the file as it was exported.`,
    );
  if (!comparison.picture !== !exported.picture)
    throw refused(`${which} lacks its picture, or has one too many. Export it anew.`);
  if (!comparison.picture || !exported.picture) return { exported };
  const picture = await takePicture(new Uint8Array(Buffer.from(exported.picture.base64, 'base64'))).catch(
    (error: unknown) => {
      const { code, message } = told(error);
      throw new StudioError(code, `The picture of ${which.toLowerCase()} cannot be read: ${message}`, { cause: error });
    },
  );
  const found = await pictureDigest(picture);
  if (contentHash(found) !== contentHash(comparison.picture))
    throw refused(
      `The picture of ${which.toLowerCase()} is not the one that was exported (${found.width} x ${found.height}, SHA-256 ${found.sha256.slice(0, 12)}). Import the file as it was exported.`,
    );
  return { exported, picture };
}

/** The first thing that is wrong, and where. */
function issue(error: z.ZodError): string {
  const first = error.issues[0];
  return first ? `${first.path.length ? `${first.path.join('.')}: ` : ''}${first.message}` : 'unknown';
}
