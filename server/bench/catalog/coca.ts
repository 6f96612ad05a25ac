// `npm run bench -- catalog coca [NAMES]`: all four published CoCas, or those that are named, in their real sizes and
// layouts (random weights), pulled by the command line from a hub on this machine, checked, and asked for a caption.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { StudioError } from '../../../models/errors';
import { publishedSources } from '../../../models/weights/import/kinds';
import { TestHub } from '../../hub/test-hub';
import { serveCocas } from './checkpoints';

type Pulled = { name: string; bytes: number; pullSeconds: number; captionSeconds: number; caption: string };

/** @throws option-invalid for a name that is no CoCa of the catalog */
export async function benchCocas(
  wanted: readonly string[],
  note: (line: string) => void,
): Promise<{ sizes: object; pulled: Pulled[] }> {
  const known = publishedSources.map(({ name }) => name).filter((name) => name.startsWith('coca-'));
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new StudioError('option-invalid', `The catalog has no CoCa "${unknown}"; there are ${known.join(', ')}.`);
  const folder = mkdtempSync(join(tmpdir(), 'studio-catalog-'));
  const photo = join(folder, 'photo.png');
  const hub = await TestHub.start();
  const env = {
    ...process.env,
    STUDIO_INSTALLED_DIR: join(folder, 'families'),
    HF_ENDPOINT: hub.endpoint,
    HF_TOKEN: '',
  };
  const studio = async (...args: string[]): Promise<Record<string, unknown>> => {
    const program = join(process.cwd(), 'server/setup/studio.mjs');
    const said = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, [program, ...args, '--json'], { env }, (error, out, err) =>
        error ? reject(new StudioError('internal', `studio ${args.join(' ')}: ${err || out}`)) : resolve(out),
      ),
    );
    return JSON.parse(said) as Record<string, unknown>;
  };
  try {
    await sharp({ create: { width: 320, height: 240, channels: 3, background: '#4c8b3b' } })
      .png()
      .toFile(photo);
    note('Making the checkpoints');
    const chosen = known.filter((name) => !wanted.length || wanted.includes(name));
    const sizes = serveCocas(hub, chosen);
    const pulled: Pulled[] = [];
    for (const name of chosen) {
      note(`Pulling ${name}`);
      const { bytes, seconds } = await studio('models', 'pull', name, '--yes');
      if ((await studio('models', 'verify', name)).ok !== true)
        throw new StudioError('internal', `${name} is damaged.`);
      const start = performance.now();
      const lane = ['--decoder', 'coca', '--option', 'coca.mode=open_clip-3.3.0'];
      const said = (await studio('caption', photo, '--family', name, ...lane)) as { captions: { caption: string }[] };
      pulled.push({
        name,
        bytes: Number(bytes),
        pullSeconds: Number(seconds),
        captionSeconds: (performance.now() - start) / 1000,
        caption: said.captions[0]!.caption,
      });
      await studio('models', 'remove', name, '--yes');
    }
    return { sizes, pulled };
  } finally {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
