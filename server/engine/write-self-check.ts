// The work of server/setup/write-self-check.mjs.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeRuntime } from '../../models/runtime/node';
import { Family } from '../../models/weights/family';
import { runCheck, type SelfCheck } from '../../models/weights/self-check';

const folder = process.argv[2]!;
const manifestFile = join(folder, 'manifest.json');
const manifest = JSON.parse(await readFile(manifestFile, 'utf8')) as { files: Record<string, { path: string; bytes: number; sha256: string }> };
delete manifest.files.selfCheck;
const bare = new TextEncoder().encode(JSON.stringify(manifest));

const runtime = new NodeRuntime({ device: { name: 'cpu' } });
const family = await Family.open({ files: { read: async (path) => (path === 'manifest.json' ? bare : new Uint8Array(await readFile(join(folder, path)))) }, runtime, precision: 'fp32' });
const answers: SelfCheck = {};
for (const name of family.graphNames) {
  const values = await runCheck(name, await family.session(name), runtime, family.manifest);
  answers[name] = Object.fromEntries(Object.entries(values).map(([output, numbers]) => [output, numbers.map((value) => Number(value.toPrecision(7)))]));
}
await runtime.close();

const text = `${JSON.stringify(answers)}\n`;
await writeFile(join(folder, 'self-check.json'), text);
manifest.files.selfCheck = { path: 'self-check.json', bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
await writeFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`${join(folder, 'self-check.json')}: ${Object.keys(answers).length} graphs, ${Buffer.byteLength(text)} bytes`);
