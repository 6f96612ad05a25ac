// Photos one by one, as a command line that knows no collections does them: bundled in a checkout of an earlier commit
// too, so it uses nothing that is younger than the engine's `compare`.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine } from '../../engine/host';
import { decodeImage } from '../../media/decode-image';

/**
 * node one-by-one.mjs FOLDER COUNT FAMILY PRECISION LANES: prints seconds a photo after a warm start, and what was said
 * (JSON). LANES: decoders joined by commas, `embed`, or lanes as JSON.
 */
async function main([folder = '', count = '', family = 'pocket', precision = 'fp32', lanes = '']: string[]) {
  const names = (await readdir(folder)).sort().slice(0, Number(count));
  const wanted = lanes.startsWith('[')
    ? (JSON.parse(lanes) as { id: string; decoder: string }[])
    : lanes.split(',').map((decoder) => ({ id: decoder, decoder }));
  const engine = await openEngine({ device: 'cpu', precision: precision as 'fp32' });
  const one = async (name: string): Promise<Record<string, string>> => {
    const { image } = await decodeImage(new Uint8Array(await readFile(join(folder, name))));
    if (lanes === 'embed') {
      await engine.embedImage(family, image);
      return {};
    }
    const said: Record<string, string> = {};
    for await (const event of engine.compare({ family, input: { kind: 'image', image }, lanes: wanted }))
      if (event.type === 'lane-finished') said[event.lane] = event.result.caption;
      else if (event.type === 'lane-failed') throw new Error(event.error.message);
    return said;
  };
  for (const name of names.slice(0, 3)) await one(name);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const captions: Record<string, Record<string, string>> = {};
  for (const name of names) captions[name] = await one(name);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await engine.close();
  const cores = (user + system) / 1e6 / seconds;
  console.log(JSON.stringify({ seconds: seconds / names.length, cores, captions }));
}

await main(process.argv.slice(2));
