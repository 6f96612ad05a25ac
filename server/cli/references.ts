import * as z from 'zod';
import { StudioError } from '../../models/errors';
import type { Io } from './io';
import { readBytes } from './photo';

const line = z.object({
  image: z.union([z.string(), z.number()]).transform(String),
  captions: z.array(z.string().min(1)).min(1),
});
export type References = Map<string, string[]>;

/** References, one JSON object a line: {"image","captions":[...]}. @throws references-invalid that names the line */
export async function readReferences(io: Io, path: string): Promise<References> {
  const text = new TextDecoder().decode(await readBytes(io, path));
  const out: References = new Map();
  text.split('\n').forEach((raw, i) => {
    if (!raw.trim()) return;
    let json: unknown;
    try {
      json = JSON.parse(raw);
    } catch (cause) {
      throw new StudioError(
        'references-invalid',
        `${path}, line ${i + 1} is not JSON. Expected one object a line: {"image": "name.jpg", "captions": ["..."]}.`,
        { cause },
      );
    }
    const parsed = line.safeParse(json);
    if (!parsed.success)
      throw new StudioError(
        'references-invalid',
        `${path}, line ${i + 1}: expected {"image": "name.jpg", "captions": ["..."]} with at least one caption.`,
      );
    out.set(parsed.data.image, [...(out.get(parsed.data.image) ?? []), ...parsed.data.captions]);
  });
  if (!out.size) throw new StudioError('references-invalid', `${path} has no references.`);
  return out;
}
