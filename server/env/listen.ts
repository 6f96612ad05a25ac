/** True where others than this machine reach the studio: it listens beyond the loopback, or has a public origin. */
export const isOpen = ({ HOST, STUDIO_ORIGIN }: { HOST: string; STUDIO_ORIGIN?: string | undefined }): boolean =>
  !isLoopback(HOST) || STUDIO_ORIGIN !== undefined;

type Listens = { HOST: string; STUDIO_ORIGIN?: string | undefined; STUDIO_OWNERS: 'auto' | 'local' | 'browser' };

/** True where each browser is an owner of its own: the studio is open to the network, or was told so. */
export const ownersByCookie = (settings: Listens): boolean =>
  settings.STUDIO_OWNERS === 'browser' || (settings.STUDIO_OWNERS === 'auto' && isOpen(settings));

/** Whether others than this machine's own person may be asking: over the network, or through a proxy. */
export const isOpenToOthers = (settings: Listens): boolean => ownersByCookie(settings) || isOpen(settings);

/** Names and addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
