// Pages get their policy, with a nonce, from proxy.ts. The browser's workers have one of their own: the engine's files
// and WebAssembly.
const workerPolicy =
  "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self' blob: data:";
const nothing = "default-src 'none'; sandbox; frame-ancestors 'none'";

const headers = [
  // Cross-origin isolation: threads for WebAssembly in the page.
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'same-origin' },
];

// `npm start` sets this; here it holds for a `next build` or `next dev` by hand too.
process.env.NEXT_TELEMETRY_DISABLED = '1';

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  // `next dev` would write instruction files into the repository.
  agentRules: false,
  // Compression would hold tokens back until a block is full.
  compress: false,
  // Native or self-locating packages: loaded from node_modules at run time.
  serverExternalPackages: [
    'onnxruntime-node',
    'sharp',
    '@prisma/client',
    '@prisma/adapter-libsql',
    '@libsql/client',
    'libsql',
    '@xenova/transformers',
  ],
  // Types are checked by `npm run typecheck`, once, for everything.
  typescript: { ignoreBuildErrors: true },
  headers: async () => [
    { source: '/:path*', headers },
    { source: '/engine/:path*', headers: [{ key: 'Content-Security-Policy', value: workerPolicy }] },
    {
      source: '/engine/service-worker.js',
      headers: [
        { key: 'Service-Worker-Allowed', value: '/' },
        { key: 'Cache-Control', value: 'no-cache' },
      ],
    },
    // Whatever a route answers, an uploaded picture above all: opened as a document of its own it can do nothing at
    // all.
    { source: '/api/:path*', headers: [{ key: 'Content-Security-Policy', value: nothing }] },
    { source: '/v1/:path*', headers: [{ key: 'Content-Security-Policy', value: nothing }] },
  ],
};

export default config;
