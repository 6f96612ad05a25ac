import * as z from 'zod';
import { operation, someDecoder } from '../operation';
import { type Model, modelOf, modelsOf } from './model-name';

const model = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.number().int(),
  owned_by: z.string(),
});
const card = ({ id, family }: Model) => ({ id, object: 'model' as const, created: 0, owned_by: family });

export const listModels = operation({
  id: 'listModels',
  method: 'GET',
  path: '/v1/models',
  summary: 'Decoders as models, FAMILY/DECODER, in the shape of OpenAI’s API',
  scope: 'read',
  limit: 0,
  openAi: true,
  example: `curl -sS "$STUDIO/v1/models"`,
  answer: z.strictObject({ object: z.literal('list'), data: z.array(model) }),
  handle: async (call) => ({ object: 'list', data: (await modelsOf(call)).map(card) }),
});

export const retrieveModel = operation({
  id: 'retrieveModel',
  method: 'GET',
  path: '/v1/models/{name}',
  summary: 'One decoder as a model',
  scope: 'read',
  limit: 0,
  openAi: true,
  example: `curl -sS "$STUDIO/v1/models/${someDecoder}"`,
  answer: model,
  handle: async (call) => card(await modelOf(call, call.name)),
});
