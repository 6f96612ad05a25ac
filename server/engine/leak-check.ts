// Captions pictures for leak.test.ts in a process of its own, run with --expose-gc, and prints what is held before and after.
import { decoders } from '../../models/decoders/registry';
import { openEngine } from './host';
import { drawScene } from './test-images';

const engine = await openEngine({ device: 'cpu' });

/** The least of the last samples: what waits to be given back to the system varies from one to the next. */
async function captionPictures(pictures: number): Promise<{ captions: number; rss: number; liveTensors: number }> {
  const samples: number[] = [];
  let captions = 0;
  let liveTensors = 0;
  for (let n = 1; n <= pictures; n++) {
    const lanes = decoders.map(({ name }) => ({ id: name, decoder: name, options: { maxTokens: 4, beam: 2 } }));
    for await (const event of engine.compare({ family: 'pocket', input: { kind: 'image', image: drawScene(n % 10) }, lanes })) if (event.type === 'lane-finished') captions++;
    if (n % 3) continue;
    globalThis.gc?.();
    const status = await engine.status();
    samples.push(status.rss);
    liveTensors = status.liveTensors;
  }
  return { captions, rss: Math.min(...samples.slice(-6)), liveTensors };
}

console.log(JSON.stringify({ before: await captionPictures(30), after: await captionPictures(60) }));
await engine.close();
