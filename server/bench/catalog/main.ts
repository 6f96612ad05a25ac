// `npm run bench -- catalog`: pulls ClipCap and the CLIP that it needs, in their real shapes with random weights, from
// a hub on this
// machine: with a cut on the way, checked, imported and run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { amount } from '../../../models/units';
import { openEngine } from '../../engine/host';
import { familyDirs } from '../../weights/folders';
import { answerInWorker, importInWorker } from '../../families/import-host';
import { Installer } from '../../families/install';
import { publishedModels } from '../../families/published';
import { FamilyStore } from '../../families/store';
import { TestHub } from '../../hub/test-hub';
import { serveRealShapes } from './checkpoints';

export async function benchCatalog(note: (line: string) => void): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'studio-catalog-'));
  const dirs = familyDirs({ installed: folder });
  const hub = await TestHub.start();
  try {
    note('Making the checkpoints');
    const clipcapBytes = serveRealShapes(hub);
    const store = new FamilyStore(dirs);
    const installer = new Installer(
      store,
      { endpoint: hub.endpoint, stallMs: 30_000, retryMs: 100 },
      publishedModels,
      importInWorker(dirs),
      answerInWorker(dirs),
    );
    const plan = await installer.plan('clipcap-coco');
    note(`Pulling ${plan.steps.map(({ name }) => name).join(' and ')}: ${amount(plan.bytes)}`);
    hub.faults.push({ kind: 'cut', after: 100e6 });
    const seconds: Record<string, number> = {};
    let phase = '';
    let since = performance.now();
    const clock = (next: string) => {
      if (next === phase) return;
      const now = performance.now();
      if (phase) seconds[phase] = (seconds[phase] ?? 0) + (now - since) / 1000;
      [phase, since] = [next, now];
    };
    const start = performance.now();
    await installer.pull(plan, {
      onProgress: ({ family, phase: what }) => clock(`${family} ${what === 'waiting' ? 'downloading' : what}`),
    });
    clock('');
    const all = (performance.now() - start) / 1000;
    const resumed = hub.downloads.filter(({ headers }) => headers.range).length;
    const checking = performance.now();
    const verified = (await store.verify('clipcap-coco')).ok;
    const verifySeconds = (performance.now() - checking) / 1000;
    const peakRssMb = process.resourceUsage().maxRSS / 1024;
    note('Captioning');
    const engine = await openEngine({ device: 'cpu', installedDir: folder });
    const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 37) % 256);
    let tokens = 0;
    for await (const event of engine.compare({
      family: 'clipcap-coco',
      input: { kind: 'image', image: { width: 64, height: 48, data } },
      lanes: [{ id: 'a', decoder: 'clipcap', options: { maxTokens: 8 } }],
    })) {
      if (event.type === 'lane-finished') tokens = event.result.tokens.length;
      if (event.type === 'lane-failed') throw new Error(event.error.message);
    }
    await engine.close();
    return {
      bytes: plan.bytes,
      clipcapBytes,
      seconds: all,
      phases: seconds,
      clipcapImportSeconds: seconds['clipcap-coco importing'],
      resumed,
      verified,
      verifySeconds,
      peakRssMb,
      diskBytes: await store.bytesUsed(),
      tokens,
    };
  } finally {
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
