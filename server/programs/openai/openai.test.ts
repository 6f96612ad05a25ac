import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { programStudio } from '../test-programs';

const { here, dataUrl, post, answered, nothingStays } = programStudio();

describe('OpenAI’s own client', () => {
  const client = (apiKey = 'sk-anything', base = here.local.base) =>
    new OpenAI({ apiKey, baseURL: `${base}/v1`, maxRetries: 0 });
  const messages = () => [
    {
      role: 'user' as const,
      content: [
        { type: 'text' as const, text: 'Describe this image for somebody who cannot see it.' },
        { type: 'image_url' as const, image_url: { url: dataUrl() } },
      ],
    },
  ];

  it('lists decoders as models and finds one', async () => {
    const models = await client().models.list();
    expect(models.data.map(({ id }) => id)).toContain('pocket/clipcap');
    expect(await client().models.retrieve('pocket/clipcap')).toMatchObject({ id: 'pocket/clipcap', object: 'model' });
  });

  it.each(['clipcap', 'capdec', 'decap', 'coca', 'iterative'])('has an image captioned by %s', async (decoder) => {
    const asked = { model: `pocket/${decoder}`, messages: messages(), max_tokens: 300, temperature: 0.7 };
    const whole = await client().chat.completions.create(asked);
    const { lanes } = await answered(
      'caption',
      await post('/api/v1/caption', { image: { base64: dataUrl() }, lanes: [{ decoder }] }),
    );
    expect(whole.choices[0]!.message.content).toBe(lanes[0].caption);
    expect(whole.choices[0]!.finish_reason).toBe('stop');
    expect(whole.usage!.completion_tokens).toBe(lanes[0].tokens.length);
    // The same as a stream, put together.
    const stream = await client().chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let last;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      last = chunk;
    }
    expect(text).toBe(lanes[0].caption);
    expect(last!.usage).toEqual(whole.usage);
    await nothingStays();
  });

  it('streams a caption in parts, and every search to the caption that it has at the end', async () => {
    const searches = [
      { decoder: 'clipcap', options: { search: 'beam', beam: 1 } },
      { decoder: 'clipcap', options: { search: 'beam', beam: 5 } },
      { decoder: 'decap', options: { search: 'sample' } },
      { decoder: 'capdec', options: { search: 'magic' } },
      { decoder: 'capdec', options: { search: 'guided-beam' } },
    ];
    for (const { decoder, options } of searches) {
      const parts: string[] = [];
      const asked = { model: decoder, messages: messages(), options };
      const stream = await client().chat.completions.create({ ...asked, stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) parts.push(chunk.choices[0].delta.content);
      const whole = await client().chat.completions.create(asked as never);
      expect(parts.join('')).toBe((whole as OpenAI.ChatCompletion).choices[0]!.message.content);
      if (options.beam === 1) expect(parts.length).toBeGreaterThan(2);
    }
  });

  it('is cut where it asks for fewer tokens, and is told so', async () => {
    const short = await client().chat.completions.create({ model: 'clipcap', messages: messages(), max_tokens: 3 });
    expect(short.choices[0]!.finish_reason).toBe('length');
    expect(short.usage!.completion_tokens).toBe(3);
  });

  it('embeds texts, in its own encoding of floats too', async () => {
    const input = ['a dog on grass', 'a plate of food'];
    const encoded = await client().embeddings.create({ model: 'pocket', input });
    const plain = await client().embeddings.create({ model: 'pocket', input, encoding_format: 'float' });
    const { values, dim } = await answered('embed', await post('/api/v1/embed', { texts: input }));
    for (const [i, row] of values.entries()) {
      expect(row).toHaveLength(dim);
      expect(plain.data[i]!.embedding).toEqual(row);
      expect(encoded.data[i]!.embedding).toEqual(row);
    }
  });

  it('is told what it did wrong in its own errors', async () => {
    const wrong = async (asked: object, ask = client()) =>
      ask.chat.completions.create(asked as never).then(
        () => undefined,
        (error: InstanceType<typeof OpenAI.APIError>) => error,
      );
    expect(await wrong({ model: 'gpt-4o', messages: messages() })).toBeInstanceOf(OpenAI.NotFoundError);
    const blind = await wrong({ model: 'clipcap', messages: [{ role: 'user', content: 'hello' }] });
    expect(blind).toBeInstanceOf(OpenAI.BadRequestError);
    expect(blind!.message).toMatch(/No message holds an image/);
    const stranger = await wrong({ model: 'clipcap', messages: messages() }, client('sk-anything', here.network.base));
    expect(stranger).toBeInstanceOf(OpenAI.AuthenticationError);
  });
});
