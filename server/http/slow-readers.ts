import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export type Patience = {
  /** A connection that takes nothing of its answer for so long is dropped. */
  stalledMs: number;
  /** All that waits in memory to be read; above it whoever takes nothing is dropped when it is next looked at. */
  heldBytes: number;
  /** How often a connection that takes nothing is looked at. */
  lookMs: number;
};
const usual: Patience = { stalledMs: 20_000, heldBytes: 128 * 1024 ** 2, lookMs: 5_000 };

/** Answers under way on one connection, and since when nothing of them was taken. */
type Answering = { answers: number; stalledSince?: number; lookedAt?: number };

/**
 * Drops the connections of clients that do not read what they asked for, with what waits for them. Answers are made as
 * they are read (a stream is pulled), so all that a client can hold is one part of its answer, which for most is the
 * whole of it. Node tells of a socket on which nothing moved for a while, parts of a large write included; one that
 * waits for the studio to work has nothing to read, and is left alone.
 */
export function dropSlowReaders(server: Server, { stalledMs, heldBytes, lookMs }: Patience = usual): void {
  const connections = new Map<Socket, Answering>();
  server.timeout = lookMs;
  server.on('request', ({ socket }, answer) => {
    const known = connections.get(socket);
    if (!known) socket.once('close', () => connections.delete(socket));
    const state = known ?? { answers: 0 };
    connections.set(socket, state);
    state.answers++;
    answer.once('close', () => state.answers--);
  });
  server.on('timeout', (socket: Socket) => {
    const state = connections.get(socket);
    // Before its first request is whole Node has limits of its own; after its last one it was kept for more.
    if (!state) return;
    if (state.answers === 0) return void socket.destroy();
    if (socket.writableLength === 0) return;
    const now = Date.now();
    // Looked at later than it was asked for: something was read meanwhile.
    const moved = state.lookedAt === undefined || now - state.lookedAt > lookMs * 1.5;
    if (moved || state.stalledSince === undefined) state.stalledSince = now - lookMs;
    state.lookedAt = now;
    if (now - state.stalledSince >= stalledMs || held(connections.keys()) > heldBytes) socket.destroy();
    else socket.setTimeout(lookMs);
  });
}

function held(sockets: Iterable<Socket>): number {
  let bytes = 0;
  for (const socket of sockets) if (!socket.destroyed) bytes += socket.writableLength;
  return bytes;
}
