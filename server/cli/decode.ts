import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StudioError } from '../../models/errors';
import { readEmbeddingFile } from '../../models/weights/embedding-file';
import { parseManifest, type Manifest } from '../../models/weights/manifest';
import { openEngine } from '../engine/host';
import { decodeFlags, decodeHelp, engineSettings, lanesOf, parse, text } from './args';
import { anyFailed, captionJson, captionLines, gather } from './lane-output';
import type { Command } from './main';
import { readBytes } from './photo';

export const decode: Command = {
  summary: 'what an embedding says: captions of any vector of a space',
  help: `npm run -s studio -- decode --embedding FILE --space NAME [flags]

FILE is .npy, .json or .safetensors with one embedding or one a row; raw or unit, since decoders normalise. Each row is answered.
CoCa reads image tokens, which a bare embedding has not, and says so.

  --space NAME      the space that the embedding is of   (pocket)
  --modality M      image or text: CapDec's offset moves image embeddings only   (image)
${decodeHelp}`,
  async run(args, signal) {
    const { values, positionals } = parse(args, { ...decodeFlags, embedding: { type: 'string' }, space: { type: 'string' }, modality: { type: 'string' } });
    const file = text(values.embedding) ?? positionals[0];
    if (file === undefined) throw new StudioError('option-invalid', 'Name the file: npm run -s studio -- decode --embedding photo.npy --space pocket');
    const modality = text(values.modality) ?? 'image';
    if (modality !== 'image' && modality !== 'text') throw new StudioError('option-invalid', `--modality is "${modality}"; expected image or text.`);
    const settings = engineSettings(values);
    const family = text(values.family) ?? 'pocket';
    const { space } = await manifestOf(family, settings.familiesDir);
    const wanted = text(values.space) ?? space.name;
    if (wanted !== space.name) throw new StudioError('embedding-mismatch', `--space is ${wanted}, and the decoders of ${family} read ${space.name}. Spaces do not mix: choose the family of that space with --family.`);
    const rows = readEmbeddingFile(file, await readBytes(file), space.dim, space.name);
    const engine = await openEngine(settings);
    let failed = false;
    try {
      for (const [row, vector] of rows.entries()) {
        const embedding = { space: space.name, modality, state: 'raw', values: vector } as const;
        const said = await gather(engine.compare({ family, input: { kind: 'embedding', embedding }, lanes: lanesOf(values) }, { signal }));
        failed ||= anyFailed(said.lanes);
        if (values.json) console.log(JSON.stringify({ embedding: file, row, family: said.family, device: said.device.name, precision: said.precision, captions: said.lanes.map(captionJson) }));
        else console.log([`${file}${rows.length > 1 ? `, row ${row + 1}` : ''}   (${said.family} on ${said.device.name}, ${said.precision})`, ...captionLines(said.lanes)].join('\n'));
      }
    } finally {
      await engine.close();
    }
    return failed ? 1 : 0;
  },
};

async function manifestOf(family: string, familiesDir = process.env.STUDIO_FAMILIES_DIR ?? 'models'): Promise<Manifest> {
  const folder = join(resolve(process.env.STUDIO_ROOT || process.cwd(), familiesDir), family);
  const bytes = await readFile(join(folder, 'manifest.json')).catch((cause: unknown) => {
    throw new StudioError('family-unknown', `There is no family "${family}" in ${familiesDir}.`, { cause });
  });
  return parseManifest(new Uint8Array(bytes), folder);
}
