/** Keys by which other programs ask (server/programs), as page, command line and server speak of them. */
import * as z from 'zod';

/** `read`: told what is there. `run`: may also have something captioned, embedded or kept. */
export const programScope = z.enum(['read', 'run']);
export type ProgramScope = z.infer<typeof programScope>;

/** Input of `programs.createKey`. */
export const newProgramKey = z.strictObject({
  /** What the person calls it: the program that it is for, say. */
  name: z.string().trim().min(1, 'a key needs a name').max(100, 'at most 100 characters'),
  scope: programScope,
});

export type ProgramKeyCard = {
  id: string;
  name: string;
  scope: ProgramScope;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** Requests that it was let in with. */
  uses: number;
};

/** A JSON Schema, as far as the page draws one. */
export type Schema = {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
};
/** One operation of an OpenAPI document, as far as the page draws it. */
export type DocumentedOperation = {
  operationId: string;
  summary: string;
  description?: string;
  'x-scope': ProgramScope;
  'x-example'?: string;
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: { 200: { description: string; content: Record<string, { schema?: Schema }> } };
};
/** Output of `programs.guide`: what the page "For programs" shows. */
export type ProgramGuide = {
  document: { paths: Record<string, Record<string, DocumentedOperation>> };
  /** Others may ask, so a key is needed. */
  keyNeeded: boolean;
  /** Origins whose pages may ask. */
  origins: string[];
};
