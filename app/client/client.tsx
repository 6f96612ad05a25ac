'use client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createTRPCClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
  type TRPCClient,
} from '@trpc/client';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import superjson from 'superjson';
import type { AppRouter } from '@/server/trpc/router';
import type { ErrorBody, UploadedImage } from '@/kept/answers';
import { StudioError } from '@/models/errors';
import { registerOffline } from '../engine/offline';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';

export type StudioClient = TRPCClient<AppRouter>;
const url = '/api/trpc';
const ClientContext = createContext<StudioClient | undefined>(undefined);

/** Gives the page its tRPC client: subscriptions as server-sent events, the rest as plain requests. */
export function StudioClientProvider({ children }: { children: ReactNode }) {
  const [queries] = useState(
    // The studio is often this very machine, which a lost network does not part from itself: it is always asked.
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { retry: 1, refetchOnWindowFocus: false, networkMode: 'always' },
          mutations: { networkMode: 'always' },
        },
      }),
  );
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === 'subscription',
          true: httpSubscriptionLink({ url, transformer: superjson }),
          false: httpLink({ url, transformer: superjson }),
        }),
      ],
    }),
  );
  useEffect(registerOffline, []);
  return (
    <ClientContext.Provider value={client}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </ClientContext.Provider>
  );
}

export function useStudioClient(): StudioClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error('StudioClientProvider is missing above this component.');
  return client;
}

/** Sends a picture. @throws Error whose message says what was wrong and what to do */
export const uploadImage = (file: Blob) => postImage<UploadedImage>('/api/images', file);
/** Has the studio fetch a picture. @throws Error whose message says what was wrong and what to do */
export const fetchImage = (address: string) =>
  postImage<UploadedImage & { name: string }>('/api/images/from-address', JSON.stringify({ address }));

async function postImage<Answer extends UploadedImage>(path: string, content: Blob | string): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, { method: 'POST', body: content });
  } catch {
    throw new Error(unreachable);
  }
  const body = (await response.json().catch(() => undefined)) as Answer | ErrorBody | undefined;
  if (response.ok && body && 'id' in body) return body;
  throw errorOf(body, response.status);
}

/** What a route that failed told. */
export function errorOf(body: object | undefined, status: number): Error {
  return body && 'error' in body
    ? StudioError.fromData((body as ErrorBody).error)
    : new StudioError('internal', `The studio answered with status ${status}. Try again.`);
}

export const unreachable = msg(
  'The studio does not answer. Is it still running? Start it with `npm start`, then try again.',
);

/** What went wrong, in words for the person at the page. */
export function problemOf(error: unknown): Problem {
  if (error instanceof TRPCClientError && !error.data) {
    // What stands before the procedures (length, origin) refuses in the routes' own shape.
    const told = error.meta?.responseJSON as Partial<ErrorBody> | undefined;
    return told?.error ? { message: told.error.message, code: told.error.code } : { message: unreachable };
  }
  if (error instanceof TRPCClientError) {
    const code = codeOf(error);
    return { message: error.message, ...(code === undefined ? {} : { code }) };
  }
  const { message, code } = StudioError.from(error);
  return { message, code };
}

/** Whether the studio may answer when it is asked again: it cannot be reached, or is not well just now. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof TRPCClientError)) return false;
  const { httpStatus } = (error.data ?? {}) as { httpStatus?: number };
  const response = error.meta?.response as Response | undefined;
  const status = httpStatus ?? response?.status;
  return status === undefined || status >= 500;
}

/** The studio's own code of an error that the server told. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof TRPCClientError
    ? (error.data as { studio?: { code?: string } } | undefined)?.studio?.code
    : undefined;
