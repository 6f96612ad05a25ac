// `npm run bench:web [-- --json] [-- --webgpu]`: opens the bench page in headless Chromium, measures, and compares with
// Node on the same
// graph in the same run. WebGPU is left out unless asked for: on a software adapter a step takes seconds.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFile } from '../engine/bundle.mjs';
import { findWholeChromium } from './chromium.mjs';
import { freePort, startStudio } from './own-server.mjs';
import { prepare } from './prepare.mjs';
import { node, root } from './shell.mjs';

const flags = process.argv.slice(2);
const unknown = flags.find((flag) => flag !== '--json' && flag !== '--webgpu');
if (unknown) {
  console.error(`Unknown argument ${unknown}.\nUsage: npm run bench:web [-- --json] [-- --webgpu]`);
  process.exit(1);
}
const note = (text) => process.stderr.write(`${text}\n`);
await prepare();
const { chromium } = await import('@playwright/test');
const port = await freePort();
const studio = await startStudio(port);
const browser = await chromium.launch({
  executablePath: findWholeChromium(),
  args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
});
try {
  const address = `http://127.0.0.1:${port}`;
  // The first meets a server that is still making itself ready, and noise is large: the one in the middle counts, all
  // are told.
  const firstVisits = [];
  for (let n = 0; n < 3; n++) firstVisits.push(await firstVisit(address));
  const firstVisitMs = firstVisits.toSorted((a, b) => a - b)[1];
  const jobs = [
    'pocket wasm fp32',
    'gpt2 wasm fp32',
    'gpt2 wasm q8',
    'products wasm fp32',
    'transformers-js wasm fp32',
    ...(flags.includes('--webgpu') ? ['pocket webgpu fp32', 'gpt2 webgpu fp32'] : []),
  ];
  const page = await browser.newPage();
  await page.goto(`${address}/bench`);
  for (const job of jobs) {
    note(`Browser: ${job}`);
    await page.getByRole('button', { name: `Measure ${job}`, exact: true }).click();
    await page.waitForFunction(
      (id) => document.querySelector(`[data-testid="${id}"] td:last-child`)?.textContent !== '–',
      job,
      { timeout: 20 * 60_000 },
    );
  }
  const measured = JSON.parse(await page.getByTestId('bench-json').textContent());
  await page.close();
  note('Node: the same graph');
  const node = await nodeSteps();
  report({ ...measured, node, firstVisits, firstVisitMs });
} finally {
  await browser.close();
  studio.kill('SIGTERM');
  for (const ending of ['', '-wal', '-shm'])
    rmSync(join(root, `.studio/bench-${process.pid}.db${ending}`), { force: true });
}

/** From an empty browser to the first finished caption of the sample, on WASM, with everything downloaded. */
async function firstVisit(address) {
  note('Browser: first visit');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() =>
    localStorage.setItem(
      'caption-studio.lane-devices',
      JSON.stringify(
        Object.fromEntries(['iterative', 'clipcap', 'capdec', 'decap', 'coca'].map((name) => [name, 'wasm'])),
      ),
    ),
  );
  // The first visit of a browser, not the first page of a server.
  await fetch(address).then((answer) => answer.text());
  const start = performance.now();
  await page.goto(address);
  await page.getByRole('button', { name: 'Sample picture' }).click();
  await page.locator('[data-status="done"]').first().waitFor({ timeout: 120_000 });
  const ms = performance.now() - start;
  await context.close();
  return ms;
}

async function nodeSteps() {
  await bundleFile('server/bench/main.ts', 'bench');
  const { stdout, status } = spawnSync(...node(join(root, '.studio/bench.mjs'), 'gpt2-steps', 'fusedFp32'), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: root,
  });
  if (status !== 0) throw new Error('The bench in Node failed.');
  return JSON.parse(stdout);
}

function report({ userAgent, devices, results, node, firstVisits, firstVisitMs }) {
  const result = (what, precision = 'fp32') =>
    results.find((entry) => entry.what === what && entry.device === 'wasm' && entry.precision === precision)?.result;
  const [gpt2, products, other, pocket] = [
    result('gpt2'),
    result('products'),
    result('transformers-js'),
    result('pocket'),
  ];
  const ratios = {
    wasmOverNode: gpt2 && gpt2.step5Ms / node.step5Ms,
    overTransformersJs: gpt2 && other && gpt2.tokensPerSecond / other.tokensPerSecond,
  };
  // What the products alone would permit, if everything else were free.
  const mostOverTransformersJs = products && other && other.stepMs / products.products5Ms;
  const whole = {
    userAgent,
    devices,
    results,
    node,
    firstVisits,
    mostOverTransformersJs,
    ratios,
    pocketWasmMs: pocket?.warmMs,
    firstVisitMs,
  };
  if (flags.includes('--json')) return console.log(JSON.stringify(whole));
  for (const { what, device, precision, result: values, error } of results)
    console.log(
      `${`${what} ${device} ${precision}`.padEnd(28)} ${
        error
          ? `failed: ${error}`
          : Object.entries(values)
              .map(([name, value]) => `${name} ${value.toFixed(1)}`)
              .join('  ')
      }`,
    );
  console.log(
    `${'gpt2 node cpu fp32'.padEnd(28)} step1Ms ${node.step1Ms.toFixed(1)}  step5Ms ${node.step5Ms.toFixed(1)}`,
  );
  console.log(`WASM / Node CPU, same graph, 5 beams:     ${ratios.wasmOverNode?.toFixed(2)} (wanted ≤ 2.0)`);
  console.log(`tokens per second over transformers.js:   ${ratios.overTransformersJs?.toFixed(2)} (wanted ≥ 2)`);
  console.log(`  at most, if all but products were free: ${mostOverTransformersJs?.toFixed(2)}`);
  console.log(`pocket, five captions on WASM, warm:      ${pocket?.warmMs.toFixed(0)} ms (wanted < 1500)`);
  console.log(
    `first visit to first caption on WASM:     ${firstVisitMs.toFixed(0)} ms (wanted < 6000; ${firstVisits.map((ms) => ms.toFixed(0)).join(', ')})`,
  );
}
