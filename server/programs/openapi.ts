import * as z from 'zod';
import { errorData } from '../../models/error-data';
import { appVersion } from '../env/version';
import type { Operation } from './operation';
import { operations } from './operations';

const schemaOf = (type: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, target: 'draft-2020-12', unrepresentable: 'any' });
  return schema;
};

const errorSchema = schemaOf(z.strictObject({ error: errorData }), 'output');
const openAiErrorSchema = schemaOf(
  z.strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  }),
  'output',
);
const json = (schema: object) => ({ 'application/json': { schema } });

/**
 * All that programs can ask for, as OpenAPI 3.1: made from the very schemas that check requests.
 * @param server origin under which it answers
 */
export function openApiDocument(server: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Caption Studio',
      version: appVersion,
      summary: 'Captions of pictures and vectors by several decoders of CLIP-like spaces',
    },
    servers: [{ url: server }],
    security: [{ key: [] }, {}],
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'Needed where the studio is open to others; made on the page “For programs”.',
        },
      },
      schemas: { Error: errorSchema, OpenAiError: openAiErrorSchema },
    },
    paths: pathsOf(operations),
  };
}

function pathsOf(all: readonly Operation[]) {
  const paths: Record<string, Record<string, object>> = {};
  for (const it of all) (paths[it.path] ??= {})[it.method.toLowerCase()] = described(it);
  return paths;
}

function described({ id, summary, description, scope, body, form, answer, events, openAi, path, example }: Operation) {
  const error = { $ref: `#/components/schemas/${openAi ? 'OpenAiError' : 'Error'}` };
  return {
    operationId: id,
    summary,
    ...(description ? { description } : {}),
    'x-scope': scope,
    'x-example': example,
    ...(path.includes('{name}')
      ? { parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }] }
      : {}),
    ...(body ? { requestBody: { required: true, content: contentOf(body, form === true) } } : {}),
    responses: {
      200: {
        description: events ? `As JSON; or as server-sent events: ${events}` : 'As JSON.',
        content: { ...json(schemaOf(answer, 'output')), ...(events ? { 'text/event-stream': {} } : {}) },
      },
      default: { description: 'What was wrong, what was expected, and how to mend it.', content: json(error) },
    },
  };
}

function contentOf(body: z.ZodType, form: boolean) {
  const schema = schemaOf(body, 'input');
  const picture = { type: 'string', format: 'binary', description: 'The picture’s file' };
  return {
    ...json(schema),
    ...(form
      ? {
          'multipart/form-data': {
            schema: {
              type: 'object',
              required: ['image'],
              properties: { image: picture, request: { ...schema, description: 'The rest, as JSON, without image' } },
            },
          },
          'image/*': { schema: picture },
        }
      : {}),
  };
}
