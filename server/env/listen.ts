/** True where others than this machine reach the studio: it listens beyond the loopback, or has a public origin. */
export const isOpen = ({ HOST, STUDIO_ORIGIN }: { HOST: string; STUDIO_ORIGIN?: string | undefined }): boolean =>
  !isLoopback(HOST) || STUDIO_ORIGIN !== undefined;

/** Names and addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
