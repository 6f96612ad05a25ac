import { randomBytes } from 'node:crypto';
import { NextResponse, type NextRequest } from 'next/server';
import { pagePolicy } from './server/env/content-security';
import { env } from './server/env/env';
import { foreignRequest } from './server/env/same-origin';
import { ownerSetCookie, requestOwner } from './server/owners/request-owner';

/**
 * Goes before every page: a nonce for its scripts, and the cookie that says whose comparisons are shown
 * (server/owners).
 */
export function proxy(request: NextRequest): NextResponse {
  const settings = env();
  const foreign = foreignRequest(request, settings);
  if (foreign)
    return new NextResponse(foreign.message, { status: 403, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  const policy = pagePolicy(randomBytes(16).toString('base64'), process.env.NODE_ENV === 'development');
  const headers = new Headers(request.headers);
  // Next reads the nonce from here and gives it to its own scripts.
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  const { owner, isNew } = requestOwner(request, settings);
  if (isNew) response.headers.append('set-cookie', ownerSetCookie({ owner }, request, settings));
  // The address of a shared comparison is a secret: it goes nowhere, and no search engine shows it.
  if (request.nextUrl.pathname.startsWith('/s/')) {
    response.headers.set('referrer-policy', 'no-referrer');
    response.headers.set('x-robots-tag', 'noindex');
  }
  return response;
}

/** Pages alone: routes and files have headers of their own (next.config.js). */
export const config = { matcher: ['/((?!api/|v1/|_next/|engine/|icon.svg).*)'] };
