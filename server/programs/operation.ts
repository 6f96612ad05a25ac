import type * as z from 'zod';
import { decoderWords } from '../../models/decoders/words';
import type { ProgramScope } from '../../kept/programs';
import type { OwnedComparisons } from '../comparisons/owned';
import type { Env } from '../env/env';
import type { Studio } from '../studio/studio';
import type { Caller } from './caller';

/** A request that was let in. */
export type Call<Body = unknown> = {
  request: Request;
  settings: Env;
  studio: Studio;
  caller: Caller;
  comparisons: OwnedComparisons;
  /** What stands in the address in place of `{name}`. */
  name: string;
  body: Body;
  /** The picture that came with the body, kept. */
  picture?: string | undefined;
  /** Fires when whoever asked has gone. */
  signal: AbortSignal;
  /** Says that whoever asked has gone, where a stream hears of it first. */
  leave: () => void;
};

/**
 * One thing that programs can ask for. The very schemas that check a request and describe its answer are the ones of
 * the OpenAPI document (openapi.ts).
 */
export type Operation<Body = unknown> = {
  id: string;
  method: 'GET' | 'POST';
  /** `{name}` at its end stands for the rest of the address. */
  path: string;
  summary: string;
  description?: string;
  scope: ProgramScope;
  /** What the body may be; none for GET. */
  body?: z.ZodType<Body>;
  /** Besides JSON: a form whose file `image` is the picture and whose field `request` holds the rest as JSON. */
  form?: true;
  /** Most bytes of a body in JSON. */
  limit: number;
  answer: z.ZodType;
  /** It can be answered as server-sent events too; in words, what they are. */
  events?: string;
  /** A line of a shell that asks for it; `$STUDIO` stands for where the studio answers. */
  example: string;
  /** Errors in the shape of OpenAI's API. */
  openAi?: true;
  /** An object is answered as JSON. */
  handle: (call: Call<Body>) => Promise<object | Response>;
};

/** Keeps the types of an operation's body and its handler together. */
export const operation = <Body>(it: Operation<Body>): Operation => it as Operation;

/** A decoder for examples, whichever there are. */
export const someDecoder = decoderWords[1]!.name;
