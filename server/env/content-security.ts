/** Shared by all: nothing is framed, embedded, or sent elsewhere. */
const common = ["object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'"];

/**
 * The policy of a page: only scripts with this answer's nonce run, and what those load. WebAssembly and workers serve
 * the browser's
 * engine. Styles may be inline: React writes them as attributes. A page that the service worker keeps is kept with this
 * header, so its
 * nonce still fits. `development`: `next dev` evaluates code from strings.
 */
export function pagePolicy(nonce: string, development: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic' 'wasm-unsafe-eval'${development ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "worker-src 'self' blob:",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    ...common,
  ].join('; ');
}
