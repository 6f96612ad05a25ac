import * as z from 'zod';
import { StudioError } from '@/models/errors';
import { studio } from '@/server/studio/singleton';
import { env } from '@/server/env/env';
import { foreignRequest } from '@/server/env/same-origin';
import { exportComparisons, exportFormats, type Exported } from '@/server/history/export';
import { sharedComparison } from '@/server/history/shares';
import { requestContext } from '@/server/studio/request-context';
import { errorResponse } from '@/server/http/error-response';
import { id } from '@/kept/fields';
import { figureSpeech } from '../../languages/figure-speech';
import { requestLanguage, requestTranslate } from '../../languages/request';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

const wanted = z.strictObject({
  ids: z.array(id).min(1).max(10_000),
  format: z.enum(exportFormats),
  lane: z.string().max(64).optional(),
});

/**
 * One or more own comparisons as a file: `?id=…&id=…&format=png`; or the one that a link shows, as HTML:
 * `?share=TOKEN&format=html`.
 */
export async function GET(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const share = searchParams.get('share');
  if (share !== null) return shared(request, share);
  return answer(request, async () => ({
    ids: searchParams.getAll('id'),
    format: searchParams.get('format') ?? 'json',
    ...(searchParams.has('lane') ? { lane: searchParams.get('lane') } : {}),
  }));
}
/** The same for more ids than an address can hold. */
export async function POST(request: Request): Promise<Response> {
  return answer(request, () => request.json());
}

async function answer(request: Request, ask: () => Promise<unknown>): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    if (foreign) return errorResponse(foreign);
    const parsed = wanted.safeParse(await ask().catch(() => undefined));
    if (!parsed.success)
      throw new StudioError(
        'option-invalid',
        `Expected ids of comparisons and a format (${exportFormats.join(', ')}): ${parsed.error.issues[0]?.message ?? ''}.`,
      );
    const { ids, format, lane } = parsed.data;
    const { comparisons } = await requestContext(request, env(), studio, () => {});
    const [owned, opened] = await Promise.all([comparisons(), studio()]);
    return fileResponse(
      await exportComparisons(
        {
          images: opened.images,
          view: (which) => owned.get(which),
          frequencies: (family, grams) => opened.frequencies(family, grams),
        },
        ids,
        format,
        { lane, speech: figureSpeech(await requestTranslate(), await requestLanguage()) },
      ),
    );
  } catch (error) {
    return errorResponse(error);
  }
}

async function shared(request: Request, token: string): Promise<Response> {
  try {
    const foreign = foreignRequest(request, env());
    if (foreign) return errorResponse(foreign);
    const opened = await studio();
    const { client } = await requestContext(request, env(), studio, () => {});
    const { id: which } = await opened.clients.guess(client, () => sharedComparison(opened.database, token));
    return fileResponse(
      await exportComparisons(
        {
          images: opened.images,
          view: (one) => opened.comparisons.get(one),
          frequencies: (family, grams) => opened.frequencies(family, grams),
        },
        [which],
        'html',
      ),
    );
  } catch (error) {
    return errorResponse(error);
  }
}

const fileResponse = ({ mime, fileName, parts }: Exported) =>
  new Response(streamOf(parts), {
    headers: {
      'content-type': mime,
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
    },
  });

function streamOf(parts: AsyncIterable<string | Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
