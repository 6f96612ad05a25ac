import type { PrismaLibSql } from '@prisma/adapter-libsql';
import { StudioError } from '../../models/errors';

type Client = ReturnType<PrismaLibSql['createClient']>;
type Transaction = Awaited<ReturnType<Client['transaction']>>;

/**
 * Transactions on the client's own connection, which take the writer's place at once.
 *
 * The client as it comes gives its connection to each transaction, opens another one for what follows, and closes none:
 * two descriptors stay open a transaction (the file and its write-ahead log) until the garbage collector happens to
 * pass. One connection is enough, since the adapter runs nothing else while a transaction is open. It also begins
 * transactions as readers, and the full-text index reads as soon as a statement that touches it is prepared: if another
 * process wrote in between, becoming a writer fails at once, without any wait.
 */
export function onOneConnection(client: Client): Client {
  client.transaction = async () => {
    await client.execute('BEGIN IMMEDIATE');
    return transactionOn(client);
  };
  return client;
}

function transactionOn(client: Client): Transaction {
  let closed = false;
  const demandOpen = () => {
    if (closed) throw new StudioError('internal', 'This transaction has ended; nothing more can be written in it.');
  };
  const end = async (how: 'COMMIT' | 'ROLLBACK') => {
    closed = true;
    await client.execute(how);
  };
  const undo = () => end('ROLLBACK').catch(() => undefined);
  /** A full disk may have ended it already: what comes next must not be written outside of it. */
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    demandOpen();
    try {
      return await work();
    } catch (error) {
      if (!isConstraint(error)) await undo();
      throw error;
    }
  };
  return {
    execute: (statement: Parameters<Transaction['execute']>[0]) => guard(() => client.execute(statement)),
    batch: (statements) =>
      guard(async () => {
        const results = [];
        for (const statement of statements)
          results.push(
            await client.execute(
              Array.isArray(statement) ? { sql: statement[0], args: statement[1] ?? [] } : statement,
            ),
          );
        return results;
      }),
    executeMultiple: (script) => guard(() => client.executeMultiple(script)),
    async commit() {
      demandOpen();
      await end('COMMIT').catch(async (error: unknown) => {
        // The connection is used again, so nothing may stay open on it.
        await undo();
        throw error;
      });
    },
    async rollback() {
      if (!closed) await end('ROLLBACK');
    },
    close: () => void (closed || undo()),
    get closed() {
      return closed;
    },
  } as Transaction;
}

const isConstraint = (error: unknown) => (error as { code?: unknown } | undefined)?.code === 'SQLITE_CONSTRAINT';
