import * as z from 'zod';
import { collectionStart } from '../../kept/collections/requests';
import { tableQuery } from '../../kept/collections/table';
import { StudioError } from '../../models/errors';
import type { Asker } from '../collections/desk';
import { exportResponse } from '../collections/export-response';
import { sinkFormats } from '../collections/sinks/types';
import { mayNameFiles } from './caller';
import { type Call, operation, someDecoder } from './operation';

const card = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: z.enum(['running', 'paused', 'interrupted', 'cancelled', 'failed', 'finished']),
  total: z.number().int(),
  done: z.number().int().describe('Photos that are done, failed ones too'),
  failed: z.number().int(),
  unread: z.number().int(),
  imagesPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
  lanes: z.array(z.looseObject({ id: z.string(), decoder: z.string() })),
});
const askerOf = ({ studio, caller, settings }: Pick<Call, 'studio' | 'caller' | 'settings'>): Asker => ({
  owner: caller.owner,
  folders: mayNameFiles(settings),
  enter: () => studio.clients.enterRun(caller.client),
});
/** Dates as JSON has them. */
const plain = (value: object) => JSON.parse(JSON.stringify(value)) as object;

export const startCollection = operation({
  id: 'startCollection',
  method: 'POST',
  path: '/api/v1/collections',
  summary: 'Caption a folder, an archive or a table of photos',
  description:
    'Answers once the photos are listed; the run goes on without the program. It is on the page Collections too.',
  scope: 'run',
  body: collectionStart,
  limit: 256 * 1024,
  example: `curl -sS --json '{"of": {"kind": "paths", "paths": ["'"$PWD"'"]}, "lanes": [{"id": "a", "decoder": "${someDecoder}"}]}' "$STUDIO/api/v1/collections"`,
  answer: card,
  handle: async (call) => plain(await call.studio.collections.start(askerOf(call), call.body)),
});

export const listCollections = operation({
  id: 'listCollections',
  method: 'GET',
  path: '/api/v1/collections',
  summary: 'Runs of collections, newest first',
  scope: 'read',
  limit: 0,
  example: `curl -sS "$STUDIO/api/v1/collections"`,
  answer: z.strictObject({ collections: z.array(card) }),
  handle: async ({ studio, caller }) => ({
    collections: (await studio.collections.tables.list(caller.owner)).map(plain),
  }),
});

export const collectionCard = operation({
  id: 'collection',
  method: 'GET',
  path: '/api/v1/collections/{name}',
  summary: 'How far a collection is',
  scope: 'read',
  limit: 0,
  example: `curl -sS "$STUDIO/api/v1/collections/$COLLECTION"`,
  answer: card,
  handle: async ({ studio, caller, name }) => plain(await studio.collections.tables.card(caller.owner, name)),
});

export const collectionRows = operation({
  id: 'collectionRows',
  method: 'POST',
  path: '/api/v1/collections/{name}/rows',
  summary: 'Rows of a collection, sorted and filtered',
  scope: 'read',
  body: tableQuery,
  limit: 64 * 1024,
  example: `curl -sS --json '{"count": 20}' "$STUDIO/api/v1/collections/$COLLECTION/rows"`,
  answer: z.strictObject({
    rows: z.array(z.looseObject({ place: z.number().int(), key: z.string(), cells: z.array(z.looseObject({})) })),
    fit: z.number().int().describe('Rows that fit'),
    all: z.number().int().describe('Rows that there are so far'),
  }),
  handle: async ({ studio, caller, name, body }) =>
    plain(await studio.collections.tables.rows(caller.owner, name, body)),
});

export const setCollection = operation({
  id: 'setCollection',
  method: 'POST',
  path: '/api/v1/collections/{name}/status',
  summary: 'Pause, cancel or go on with a collection',
  scope: 'run',
  body: z.strictObject({ status: z.enum(['paused', 'cancelled', 'running']) }),
  limit: 1_024,
  example: `curl -sS --json '{"status": "running"}' "$STUDIO/api/v1/collections/$COLLECTION/status"`,
  answer: card,
  handle: async (call) => {
    const { collections } = call.studio;
    const { status } = call.body;
    return plain(
      status === 'running'
        ? await collections.resume(askerOf(call), call.name)
        : await collections.set(askerOf(call), call.name, status),
    );
  },
});

export const exportCollection = operation({
  id: 'exportCollection',
  method: 'GET',
  path: '/api/v1/collections/{name}/export',
  summary: 'What is done of a collection, as a file that the command line writes',
  description: `By “?format=”: ${sinkFormats.join(', ')} (jsonl).`,
  scope: 'read',
  limit: 0,
  example: `curl -sS "$STUDIO/api/v1/collections/$COLLECTION/export?format=jsonl"`,
  answer: z.looseObject({}),
  handle: async (call) => {
    const format = z.enum(sinkFormats).safeParse(new URL(call.request.url).searchParams.get('format') ?? 'jsonl');
    if (!format.success) throw new StudioError('option-invalid', `Name a format: ${sinkFormats.join(', ')}.`);
    return exportResponse(format.data, await call.studio.collections.export(askerOf(call), call.name, format.data));
  },
});
