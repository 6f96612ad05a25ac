import * as z from 'zod';
import { StudioError } from '../../../models/errors';
import { forVisitors } from '../../errors/for-visitors';
import { told } from '../../errors/told';
import { answerOf, beginComparison, type Part } from '../caption';
import { type Call, operation, someDecoder } from '../operation';
import type { PictureReference } from '../picture';
import { streamOf } from '../server-sent-events';
import { openAiError } from './error';
import { modelOf } from './model-name';
import { StableText } from './stable-text';

const part = z.union([
  z.looseObject({ type: z.literal('text'), text: z.string() }),
  z.looseObject({
    type: z.literal('image_url'),
    image_url: z.union([z.string(), z.looseObject({ url: z.string() })]),
  }),
]);
const request = z.looseObject({
  model: z.string().min(1).max(200).describe('FAMILY/DECODER, or either alone'),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(part), z.null()]).optional() }))
    .min(1)
    .describe('The last message with an image is captioned; these decoders read no prompt, so texts are left aside'),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  n: z.number().int().nullish(),
  options: z
    .record(z.string().max(64), z.union([z.string().max(2_000), z.number(), z.boolean()]))
    .optional()
    .describe('Options of the decoder, by their names here (GET /api/v1/families): not of OpenAI’s API'),
});
const usage = z.strictObject({
  prompt_tokens: z.number().int(),
  completion_tokens: z.number().int(),
  total_tokens: z.number().int(),
});
const answer = z.strictObject({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.number().int(),
  model: z.string(),
  choices: z.array(
    z.strictObject({
      index: z.number().int(),
      message: z.strictObject({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
      logprobs: z.null(),
      finish_reason: z.enum(['stop', 'length']),
    }),
  ),
  usage,
});

/** What a caption ends as. */
type End = { text: string; finish: 'stop' | 'length'; usage: z.infer<typeof usage> };

export const chat = operation({
  id: 'createChatCompletion',
  method: 'POST',
  path: '/v1/chat/completions',
  summary: 'Caption the image of a chat, in the shape of OpenAI’s API',
  description:
    'For programs that speak to OpenAI’s API: change its address, and name a model of GET /v1/models. Sampling parameters of that API are left aside: a decoder runs at its defaults, or at options.',
  scope: 'run',
  body: request,
  limit: 16 * 1024 ** 2,
  openAi: true,
  // One line of a shell, made of a photo of any size.
  example: [
    `printf '{"model": "${someDecoder}", "messages": [{"role": "user", "content": [{"type": "image_url",`,
    '"image_url": {"url": "data:image/jpeg;base64,%s"}}]}]}\' "$(base64 < photo.jpg | tr -d "\\n")"',
    '| curl -sS --json @- "$STUDIO/v1/chat/completions"',
  ].join(' '),
  answer,
  events: 'Chunks as OpenAI’s API has them, the last “data: [DONE]”: words as soon as no beam can change them.',
  async handle(call) {
    const { body } = call;
    if ((body.n ?? 1) !== 1)
      throw new StudioError('option-invalid', 'n: one caption is made at a time. Expected 1, or leave it out.', {
        details: { param: 'n' },
      });
    const model = await modelOf(call, body.model);
    const most = body.max_completion_tokens ?? body.max_tokens ?? undefined;
    const options = { ...(await shortened(call, model.decoder, most)), ...body.options };
    const comparison = await beginComparison(call, {
      family: model.family,
      lanes: [{ decoder: model.decoder, options }],
      image: pictureOfChat(body.messages),
      keep: false,
    });
    const head = { id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model: model.id };
    if (body.stream) {
      const withUsage = body.stream_options?.include_usage === true;
      return streamOf(call, comparison.end, chunks(head, comparison.parts, options.maxTokens, withUsage, call));
    }
    const { text, finish, usage: used } = endOf(await answerOf(comparison), options.maxTokens);
    const message = { role: 'assistant', content: text, refusal: null };
    return {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
      usage: used,
    };
  },
});

/** The decoder's own option for at most so many tokens, where it has one and they are fewer than its default. */
async function shortened(
  { studio }: Pick<Call, 'studio'>,
  decoder: string,
  most: number | undefined,
): Promise<Record<string, number>> {
  const { decoders } = await studio.info();
  const spec = decoders.find(({ name }) => name === decoder)?.options.find(({ name }) => name === 'maxTokens');
  // Plugins ask for hundreds, which no caption needs: the default stays.
  if (most === undefined || spec?.kind !== 'number' || most >= spec.default) return {};
  return { maxTokens: Math.max(spec.min, most) };
}

/** @throws option-invalid where no message has an image, or the last that has one has several */
function pictureOfChat(messages: z.infer<typeof request>['messages']): PictureReference {
  const images = messages
    .map(({ content }) => (Array.isArray(content) ? content : []))
    .map((parts) => parts.flatMap((it) => (it.type === 'image_url' ? [it.image_url] : [])))
    .findLast((found) => found.length > 0);
  const wrong = (message: string) => new StudioError('option-invalid', message, { details: { param: 'messages' } });
  if (!images)
    throw wrong(
      'No message holds an image. Expected a part {"type": "image_url", "image_url": {"url": "data:image/png;base64,…"}}.',
    );
  if (images.length > 1) throw wrong(`The last message with images has ${images.length}. One is captioned at a time.`);
  const [image] = images;
  const url = typeof image === 'string' ? image : image!.url;
  return /^data:/i.test(url) ? { base64: url } : { address: url };
}

function endOf({ lanes: [lane] }: Extract<Part, { answer: unknown }>['answer'], most: unknown): End {
  if (lane!.error) throw StudioError.fromData(lane!.error);
  const count = lane!.tokens?.length ?? 0;
  return {
    text: lane!.caption ?? '',
    finish: typeof most === 'number' && count >= most ? 'length' : 'stop',
    usage: { prompt_tokens: 0, completion_tokens: count, total_tokens: count },
  };
}

type Head = { id: string; created: number; model: string };

async function* chunks(
  head: Head,
  parts: AsyncGenerator<Part>,
  most: unknown,
  withUsage: boolean,
  { settings }: Call,
): AsyncGenerator<string> {
  const line = (data: object | string) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
  const chunk = (delta: object, finish: string | null = null) =>
    line({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
  const stable = new StableText();
  let sent = '';
  try {
    yield chunk({ role: 'assistant', content: '' });
    for await (const part of parts) {
      if ('answer' in part) {
        const { text, finish, usage: used } = endOf(part.answer, most);
        if (!text.startsWith(sent)) throw new StudioError('internal', 'The caption changed after it was sent.');
        if (text.length > sent.length) yield chunk({ content: text.slice(sent.length) });
        yield chunk({}, finish);
        if (withUsage) yield line({ ...head, object: 'chat.completion.chunk', choices: [], usage: used });
      } else if (part.event.type === 'step') {
        const text = stable.after(part.event);
        if (text.length <= sent.length) continue;
        yield chunk({ content: text.slice(sent.length) });
        sent = text;
      }
    }
    yield line('[DONE]');
  } catch (error) {
    yield line(openAiError(forVisitors(told(error), settings)).body);
  }
}
