'use client';
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { decoderWords } from '@/models/decoders/words';
import { problemOf, useStudioClient } from '../client/client';
import { Header } from '../frame/header';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { CodeBlock } from './code-block';
import { Operations } from './operations';
import { ProgramKeys } from './program-keys';

const never = () => () => undefined;

/** How other programs ask this studio: its address, keys, what there is to ask for. */
export function Programs() {
  const { t } = useTranslation();
  const client = useStudioClient();
  const { data, error, isPending } = useQuery({
    queryKey: ['programs', 'guide'],
    queryFn: () => client.programs.guide.query(),
  });
  const origin = useSyncExternalStore(
    never,
    () => window.location.origin,
    () => '',
  );
  const key = data?.keyNeeded ? 'caption-studio-program.…' : 'none';
  return (
    <div className="flex min-h-dvh flex-col">
      <Header device="" skip={{ to: '#programs', what: t('Skip to what programs can ask') }} />
      <main id="programs" tabIndex={-1} className="mx-auto w-full max-w-4xl flex-1 space-y-8 p-4">
        <div>
          <h1 className="text-xl font-semibold tracking-tight">{t('For programs')}</h1>
          <p className="mt-1 max-w-prose text-sm text-quiet">
            {t(
              'Scripts, plugins and agents ask this studio over HTTP for what the page shows: captions, embeddings, all with numbers. What is asked for is worked on here, and stays here only where that is asked for.',
            )}
          </p>
        </div>
        {error && (
          <p role="alert" className="rounded-md border border-danger p-3 text-sm text-danger">
            <ProblemText of={problemOf(error)} />
          </p>
        )}
        {isPending && <p className="text-sm text-quiet">{t('Reading what programs can ask …')}</p>}
        {data && (
          <>
            <section aria-labelledby="programs-openai" className="space-y-2">
              <h2 id="programs-openai" className="text-lg font-medium">
                {t('A program that speaks to OpenAI’s API')}
              </h2>
              <p className="max-w-prose text-sm text-quiet">
                {t('Change its address, and name a decoder as its model. In Python:')}
              </p>
              <CodeBlock
                label={t('Copy the Python example')}
                text={`from openai import OpenAI
import base64

client = OpenAI(base_url="${origin}/v1", api_key="${key}")
photo = base64.b64encode(open("photo.jpg", "rb").read()).decode()
answer = client.chat.completions.create(
    model="${decoderWords[1]!.name}",
    messages=[{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{photo}"}}]}],
)
print(answer.choices[0].message.content)`}
              />
            </section>
            <section aria-labelledby="programs-keys" className="space-y-2">
              <h2 id="programs-keys" className="text-lg font-medium">
                {t('Keys')}
              </h2>
              <p className="max-w-prose text-sm text-quiet">
                {data.keyNeeded
                  ? t('Others can reach this studio, so a program needs a key, and sees what you see with it.')
                  : t('On this machine a program needs no key. Pages of other sites are refused, with or without one.')}
              </p>
              {data.origins.length > 0 && (
                <p className="max-w-prose text-sm text-quiet">
                  {t('Pages of these origins may ask too: {{origins}}', { origins: data.origins.join(', ') })}
                </p>
              )}
              <ProgramKeys />
            </section>
            <section aria-labelledby="programs-operations" className="space-y-3">
              <h2 id="programs-operations" className="text-lg font-medium">
                {t('What there is to ask for')}
              </h2>
              <p className="text-sm">
                <a href="/api/v1/openapi.json" className="text-accent underline underline-offset-2">
                  {t('As an OpenAPI 3.1 document')}
                </a>
              </p>
              <Operations paths={data.document.paths} origin={origin} />
            </section>
          </>
        )}
      </main>
    </div>
  );
}
