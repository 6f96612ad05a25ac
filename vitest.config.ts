import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests load onnxruntime-node without the studio's runtime too (models/runtime/node-telemetry.ts).
process.env.ORT_DISABLE_TELEMETRY = '1';

export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('.', import.meta.url)) } },
  test: {
    include: ['{models,kept,server,app}/**/*.test.{ts,tsx}'],
    globalSetup: ['server/setup/vitest-setup.mjs'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
