import { defineConfig } from '@playwright/test';
import { findChromium } from './server/setup/chromium.mjs';
import type { Kind } from './e2e/studio';

/**
 * These measure time or memory, or show that an engine with a thread for every core says what others say: with nothing
 * else on the machine. `npm test` runs `--project alone` after all others.
 */
const alone = ['**/main-thread.spec.ts', '**/browser-memory.spec.ts', '**/agreement.spec.ts'];
/** Nearly all of their time the browser itself computes. */
const browserEngine = ['**/browser-{devices,storage}.spec.ts', '**/imported.spec.ts'];

export default defineConfig<object, { kind: Kind }>({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/build.ts',
  // Two, each with servers and half of the cores of its own (studio.ts); tests whose browser computes keep to one.
  workers: 2,
  timeout: 120_000,
  // A busy machine answers late; nothing here waits for a time, only for a state.
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: 'list',
  use: {
    launchOptions: {
      executablePath: findChromium(),
      args: [
        '--headless=new',
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--enable-unsafe-webgpu',
        '--use-fake-device-for-media-stream',
        '--use-webgpu-adapter=swiftshader',
        '--enable-blink-features=ForceEagerMeasureMemory',
      ],
    },
  },
  projects: [
    // First, since they are half of the work.
    { name: 'browser engine', testMatch: browserEngine, workers: 1, use: { kind: 'studio' } },
    {
      name: 'studio',
      testIgnore: ['**/slow-*.spec.ts', '**/kept*.spec.ts', ...browserEngine, ...alone],
      use: { kind: 'studio' },
    },
    // `kept*.spec.ts`: histories, each browser the owner of its own.
    { name: 'owners', testMatch: '**/kept*.spec.ts', use: { kind: 'owners' } },
    // `slow-*.spec.ts`: streaming and cancelling, on a device that takes its time for every model run.
    { name: 'slow device', testMatch: '**/slow-*.spec.ts', use: { kind: 'slow' } },
    { name: 'alone', testMatch: alone, workers: 1, use: { kind: 'studio' } },
  ],
});
