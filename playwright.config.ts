import { defineConfig } from '@playwright/test';
import { findChromium } from './server/setup/chromium.mjs';
import type { Kind } from './e2e/studio';

/**
 * These measure time or memory, and so run with nothing else on the machine: `npm test` runs `--project alone` after
 * all others.
 */
const alone = ['**/main-thread.spec.ts', '**/browser-memory.spec.ts'];
/**
 * These mostly wait, for a device that takes its time (`slow-*`) or for servers that start and end, and so run beside
 * the others, which keep the processor busy.
 */
const waiting = ['slow-*', 'abuse', 'behind-nginx', 'ends', 'kept-killed', 'nothing-leaves'].map(
  (name) => `**/${name}.spec.ts`,
);
export default defineConfig<object, { kind: Kind }>({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/build.ts',
  // One after the other: these keep both of two cores busy. Two at a time took as long, also with a core each. Every
  // worker has servers of its own, so that a larger machine may run more (`--workers 2`).
  workers: 1,
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
        // A headless shell asks nobody, and so is told here that the camera may be used.
        '--use-fake-ui-for-media-stream',
        '--use-webgpu-adapter=swiftshader',
        '--enable-blink-features=ForceEagerMeasureMemory',
      ],
    },
  },
  projects: [
    { name: 'studio', testIgnore: ['**/kept*.spec.ts', ...waiting, ...alone], use: { kind: 'studio' } },
    // `kept*.spec.ts`: histories, each browser the owner of its own.
    { name: 'owners', testMatch: '**/kept*.spec.ts', testIgnore: waiting, use: { kind: 'owners' } },
    { name: 'waiting', testMatch: waiting, use: { kind: 'slow' } },
    { name: 'alone', testMatch: alone, use: { kind: 'studio' } },
  ],
});
