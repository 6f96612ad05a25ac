// The thread that reads an export which somebody imports: a hundred megabytes of JSON keep it busy for half a minute,
// and must not keep the server's. It has a bounded heap of its own (import-host.ts).
import { parentPort, workerData } from 'node:worker_threads';
import { told } from '../errors/told';
import { checkComparison, openExport } from './check-export';
import { fileHash } from './export-json';
import type { FromImportThread } from './import-host';
import { refused } from './split-export';

const send = (message: FromImportThread) => parentPort!.postMessage(message);

try {
  const { hash, count, comparison } = openExport(workerData as Uint8Array);
  const check = (index: number) => checkComparison(comparison(index), `Comparison ${index + 1} of ${count}`);
  const hashes: string[] = [];
  for (let index = 0; index < count; index++) hashes.push((await check(index)).exported.hash);
  if (hash !== fileHash(hashes))
    throw refused(
      'The file is not whole: the hash at its end does not fit its comparisons. Export it anew, or download it again.',
    );
  // Kept are hashes alone; each comparison is read once more when its turn to be written comes.
  let next = 0;
  parentPort!.on('message', () => {
    if (next === count) return send({ kind: 'done' });
    check(next++).then(({ exported, picture }) => {
      // Written already as its bytes; the base64 of it would only be copied.
      const slim = { ...exported, picture: null };
      send({ kind: 'comparison', checked: { exported: slim, ...(picture ? { picture } : {}) } });
    }, fail);
  });
  send({ kind: 'checked' });
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  send({ kind: 'failed', error: told(error).toData() });
}
