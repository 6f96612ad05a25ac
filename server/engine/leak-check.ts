// Captions pictures for leak.test.ts in a process of its own, run with --expose-gc, and prints what is held before and
// after.
import { decoders } from '../../models/decoders/registry';
import { openEngine } from './host';
import { drawScene } from './test-images';

const engine = await openEngine({ device: 'cpu' });

async function captionPictures(pictures: number): Promise<{ captions: number; rss: number; liveTensors: number }> {
  let captions = 0;
  for (let n = 1; n <= pictures; n++) {
    const lanes = decoders.map(({ name }) => ({ id: name, decoder: name, options: { maxTokens: 4, beam: 2 } }));
    for await (const event of engine.compare({
      family: 'pocket',
      input: { kind: 'image', image: drawScene(n % 10) },
      lanes,
    }))
      if (event.type === 'lane-finished') captions++;
  }
  // What is freed only after a finaliser has run takes several collections, in both threads (`status` collects in the
  // worker).
  let held = { rss: Infinity, liveTensors: 0 };
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    const { rss, liveTensors } = await engine.status();
    held = { rss: Math.min(held.rss, rss), liveTensors };
  }
  return { captions, ...held };
}

const held = [await captionPictures(10)];
for (let window = 0; window < 3; window++) held.push(await captionPictures(40));
console.log(JSON.stringify(held));
await engine.close();
