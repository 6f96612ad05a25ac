// Next needs unsafe-inline for its own inline scripts; WebAssembly and workers serve the browser's engine.
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const headers = [
  // Cross-origin isolation: threads for WebAssembly in the page.
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  // `next dev` evaluates code from strings.
  ...(process.env.NODE_ENV === 'production' ? [{ key: 'Content-Security-Policy', value: contentSecurityPolicy }] : []),
];

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  // `next dev` would write instruction files into the repository.
  agentRules: false,
  // Compression would hold tokens back until a block is full.
  compress: false,
  // Native or self-locating packages: loaded from node_modules at run time.
  serverExternalPackages: ['onnxruntime-node', 'sharp', '@prisma/client', '@prisma/adapter-libsql', '@libsql/client', 'libsql', '@xenova/transformers'],
  // Types are checked by `npm run typecheck`, once, for everything.
  typescript: { ignoreBuildErrors: true },
  headers: async () => [
    { source: '/:path*', headers },
    { source: '/engine/service-worker.js', headers: [{ key: 'Service-Worker-Allowed', value: '/' }, { key: 'Cache-Control', value: 'no-cache' }] },
    // An uploaded picture that is opened as a document of its own can do nothing at all.
    { source: '/api/images/:id', headers: [{ key: 'Content-Security-Policy', value: "default-src 'none'; sandbox" }] },
  ],
};

export default config;
