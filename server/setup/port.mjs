// Which port the studio listens on: checked before anything is set up.
import { createServer } from 'node:net';
import { SetupError } from './report.mjs';

/** Ports that no browser opens, whatever listens there: https://fetch.spec.whatwg.org/#port-blocking (2026-11). */
export const blockedPorts = new Set([
  ...[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  ],
  ...[
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  ],
  ...[540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061],
  ...[6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/** The next port that a browser opens. */
export function nextPort(port) {
  const next = port >= 65535 ? 3000 : port + 1;
  return blockedPorts.has(next) ? nextPort(next) : next;
}

/** PORT as a number. @throws SetupError for what is no port, or one that no browser opens */
export function readPort(text) {
  const port = /^\d{1,5}$/.test(text || '3000') ? Number(text || 3000) : NaN;
  if (!(port >= 1 && port <= 65535))
    throw new SetupError(
      `PORT=${text} is not a port. Expected a whole number from 1 to 65535, e.g. PORT=3001 npm start`,
    );
  if (blockedPorts.has(port))
    throw new SetupError(
      `PORT=${port} is reserved for another protocol: browsers refuse to open it. Choose another port: PORT=${nextPort(port)} npm start`,
    );
  return port;
}

/** @throws SetupError when somebody listens there: better now than after a minute of setting up */
export function checkPort(port, host) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(new SetupError(refusal(error, port, host))));
    probe.listen(port, host, () => probe.close(resolve));
  });
}

function refusal(error, port, host) {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is taken by another program (perhaps a studio that already runs: http://127.0.0.1:${port}). Stop it, or choose another port: PORT=${nextPort(port)} npm start`;
  if (error.code === 'EACCES') return `Port ${port} needs special rights. Choose one from 1024 up: PORT=3000 npm start`;
  return `Cannot listen on ${host}:${port} (${error.code ?? error.message}). HOST must be an address of this machine: 127.0.0.1, or 0.0.0.0 for all.`;
}
