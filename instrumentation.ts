/** Runs once when the server starts, before its first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  (await import('./server/owners/client-address')).recordPeers(process.env.STUDIO_TRUST_PROXY === '1');
  (await import('./server/http/strict-transport')).demandHttps(process.env.STUDIO_ORIGIN);
}
