// Captions pictures for leak.test.ts in a process of its own, run with --expose-gc, and prints what is held before and
// after, window by window; in the last one, 5 KB a caption are leaked by hand.
import { decoders } from '../../models/decoders/registry';
import { openEngine } from './host';
import { drawScene } from './test-images';

const engine = await openEngine({ device: 'cpu' });
const leaked: unknown[] = [];

/** What both threads hold on their heaps and in buffers, in bytes, when all that can be freed is. */
async function heldNow(): Promise<{ bytes: number; liveTensors: number }> {
  let held = { bytes: Infinity, liveTensors: 0 };
  // What is freed only after a finaliser has run takes several collections (`status` collects in the worker).
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    const { heapUsed, external, liveTensors } = await engine.status();
    const here = process.memoryUsage();
    held = { bytes: Math.min(held.bytes, heapUsed + external + here.heapUsed + here.external), liveTensors };
  }
  return held;
}

async function captionPictures(pictures: number, leak = false) {
  let captions = 0;
  for (let n = 1; n <= pictures; n++) {
    // Short captions with few candidates: what a lane leaves behind does not grow with them.
    const lanes = decoders.map(({ name, scoresSteps }) => ({
      id: name,
      decoder: name,
      options: { maxTokens: 4, beam: 2, ...(scoresSteps ? { candidates: 4 } : {}) },
    }));
    for await (const event of engine.compare({
      family: 'pocket',
      input: { kind: 'image', image: drawScene(n % 10) },
      lanes,
    })) {
      if (event.type !== 'lane-finished') continue;
      captions++;
      // Half on the heap (numbers of 8 bytes), half in a buffer.
      if (leak)
        leaked.push(
          Array.from({ length: 312 }, (_, i) => i + 0.5),
          new Uint8Array(2_500),
        );
    }
  }
  return { captions, ...(await heldNow()) };
}

const held = [await captionPictures(10)];
for (let window = 0; window < 3; window++) held.push(await captionPictures(20));
held.push(await captionPictures(20, true));
console.log(JSON.stringify(held));
await engine.close();
