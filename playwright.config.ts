import { defineConfig } from '@playwright/test';

const port = Number(process.env.E2E_PORT || 3217);
const slowPort = port + 1;
const ownersPort = port + 2;
/** Where the studios look for the hub; the tests of models start one there. */
process.env.E2E_HUB = `http://127.0.0.1:${port + 3}`;

/** A production server of its own for each kind of test, on a fresh database. */
const server = (at: number, name: string, env: Record<string, string> = {}) => ({
  command: 'node server/setup/start.mjs',
  url: `http://127.0.0.1:${at}/api/health`,
  timeout: 180_000,
  gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 10_000 },
  env: {
    PORT: String(at),
    HOST: '127.0.0.1',
    DATABASE_URL: `file:./.studio/e2e/${name}-${process.pid}.db`,
    STUDIO_INSTALLED_DIR: `./.studio/e2e/${name}-${process.pid}-families`,
    HF_ENDPOINT: process.env.E2E_HUB!,
    HF_TOKEN: '',
    STUDIO_HUB_RETRY_MS: '50',
    ...env,
  },
});

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 1,
  timeout: 90_000,
  // A busy machine answers late; nothing here waits for a time, only for a state.
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: 'list',
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
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
    {
      name: 'studio',
      testIgnore: ['**/slow-*.spec.ts', '**/kept*.spec.ts'],
      use: { baseURL: `http://127.0.0.1:${port}` },
    },
    // `kept*.spec.ts`: histories, each browser the owner of its own.
    { name: 'owners', testMatch: '**/kept*.spec.ts', use: { baseURL: `http://127.0.0.1:${ownersPort}` } },
    // `slow-*.spec.ts`: streaming and cancelling, on a device that takes its time for every model run.
    { name: 'slow device', testMatch: '**/slow-*.spec.ts', use: { baseURL: `http://127.0.0.1:${slowPort}` } },
  ],
  webServer: [
    server(port, 'studio'),
    server(ownersPort, 'owners', {
      STUDIO_OWNERS: 'browser',
      STUDIO_ADDRESSES: 'any',
      STUDIO_CLIENT_RUNS_PER_MINUTE: '1000',
    }),
    server(slowPort, 'slow', { STUDIO_SLOW_STEP_MS: '60', STUDIO_GRACE_MS: '1000' }),
  ],
});
