'use client';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Precision } from '@/models/runtime/types';
import type { WebDeviceName } from '@/models/runtime/web';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import type { Numbers } from '../languages/numbers';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import { Header } from '../frame/header';
import type { BenchJob, BenchResult } from '../engine/bench-jobs';
import { webDevices } from '../engine/devices';
import type { WebDevice } from '../engine/messages';
import { runBenchJob } from './run-bench';

const titles = {
  gpt2: msg('GPT-2 124M, this studio'),
  products: msg('GPT-2 124M, its products alone'),
  'transformers-js': msg('GPT-2 124M, transformers.js'),
  pocket: msg('Pocket, five lanes'),
} as const;

/** Every job that this browser can do. fp16 needs shaders with 16-bit floats. */
function jobsOf(devices: readonly WebDevice[]): BenchJob[] {
  return devices.flatMap(({ name, available, halfPrecision }) => {
    if (!available) return [];
    const precisions: Precision[] =
      name === 'wasm' ? ['fp32', 'q8'] : halfPrecision ? ['fp16', 'fp32', 'q8'] : ['fp32', 'q8'];
    const job = (what: BenchJob['what'], precision: Precision): BenchJob => ({
      what,
      device: name as WebDeviceName,
      precision,
    });
    return [
      ...precisions.map((precision) => job('pocket', precision)),
      ...precisions.map((precision) => job('gpt2', precision)),
      job('products', 'fp32'),
      job('transformers-js', 'fp32'),
    ];
  });
}
const nameOf = ({ what, device, precision }: BenchJob) => `${what} ${device} ${precision}`;

/**
 * Measures this browser: device × precision, for pocket and for the shapes of GPT-2. `?run=JOBS` starts by itself (npm
 * run bench:web).
 */
export default function BenchPage() {
  const { t } = useTranslation();
  const { fixed } = useNumbers();
  const [devices, setDevices] = useState<WebDevice[]>();
  const [results, setResults] = useState<Record<string, BenchResult>>({});
  const [working, setWorking] = useState<{ job: string; note: string }>();
  const stop = useRef<AbortController>(undefined);
  const jobs = useMemo(() => jobsOf(devices ?? []), [devices]);

  const run = async (wanted: readonly BenchJob[]) => {
    stop.current?.abort();
    const { signal } = (stop.current = new AbortController());
    for (const job of wanted) {
      if (signal.aborted) break;
      const result = await runBenchJob(job, (note) => setWorking({ job: nameOf(job), note }), signal);
      setResults((before) => ({ ...before, [nameOf(job)]: result }));
    }
    setWorking(undefined);
  };
  useEffect(() => {
    void webDevices().then(setDevices);
    return () => stop.current?.abort();
  }, []);

  const done = Object.values(results);
  const json = JSON.stringify(
    { userAgent: typeof navigator === 'undefined' ? '' : navigator.userAgent, devices, results: done },
    null,
    2,
  );
  const button = 'rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';
  return (
    <div className="flex min-h-dvh flex-col">
      <Header device="" />
      <main className="mx-auto w-full max-w-5xl space-y-4 p-4">
        <h1 className="text-xl font-semibold">{t('How fast is this browser?')}</h1>
        <p className="max-w-prose text-sm text-quiet">
          {t(
            'Five beams of GPT-2 124M (random weights: speed does not depend on what they say) and the five lanes of the embedded family, on each device that this browser offers. Nothing is sent anywhere. Close other tabs and wait for the battery to be charged; a run takes a few minutes, on a software adapter far longer. On WASM 8 bit is slower than fp32: onnxruntime has no 8-bit kernel there and unpacks all weights in every step.',
          )}
        </p>
        <div className="flex flex-wrap gap-2">
          <button
            type="button"
            className={`${button} border-accent font-medium`}
            disabled={!jobs.length || working !== undefined}
            onClick={() => void run(jobs)}
          >
            {t('Measure everything')}
          </button>
          {working && (
            <button type="button" className={button} onClick={() => stop.current?.abort()}>
              {t('Stop')}
            </button>
          )}
          {done.length > 0 && (
            <a
              className={button}
              download="caption-studio-bench.json"
              href={`data:application/json,${encodeURIComponent(json)}`}
            >
              {t('Save as JSON')}
            </a>
          )}
        </div>
        <p role="status" className="min-h-5 font-mono text-xs text-quiet">
          {working ? `${working.job}: ${t(working.note)} …` : devices ? '' : t('Asking the browser what it can do …')}
        </p>
        <ul className="space-y-1 text-sm">
          {devices?.map(({ name, available, adapter, threads, reason }) => (
            <li key={name}>
              <span className="font-medium">{name === 'webgpu' ? t('WebGPU') : t('WASM')}</span>{' '}
              <span className="text-quiet">
                {available
                  ? [adapter, threads && t('{{count}} threads', { count: threads }), reason && t(reason)]
                      .filter(Boolean)
                      .join(', ')
                  : t('cannot be used: {{reason}}', { reason: t(reason ?? '') })}
              </span>
            </li>
          ))}
        </ul>
        <div className="overflow-x-auto">
          <table className="w-full text-left text-sm">
            <thead className="text-xs text-quiet">
              <tr>
                {[t('what'), t('device'), t('precision'), '', t('measured')].map((head) => (
                  <th key={head} scope="col" className="py-1 pr-4 font-medium">
                    {head || <span className="sr-only">{t('run')}</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {jobs.map((job) => (
                <tr key={nameOf(job)} data-testid={nameOf(job)}>
                  <td className="py-1.5 pr-4">{t(titles[job.what])}</td>
                  <td className="pr-4 font-mono text-xs">{job.device}</td>
                  <td className="pr-4 font-mono text-xs">{job.precision}</td>
                  <td className="pr-4">
                    <button
                      type="button"
                      className="rounded border border-line px-2 py-0.5 text-xs disabled:opacity-60"
                      disabled={working !== undefined}
                      onClick={() => void run([job])}
                      aria-label={t('Measure {{what}}', { what: nameOf(job) })}
                    >
                      {t('Measure')}
                    </button>
                  </td>
                  <td className="font-mono text-xs max-sm:min-w-40">{describe(t, fixed, results[nameOf(job)])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <script
          type="application/json"
          data-testid="bench-json"
          suppressHydrationWarning
          dangerouslySetInnerHTML={{ __html: json.replaceAll('<', '\\u003c') }}
        />
      </main>
    </div>
  );
}

function describe(t: Translate, fixed: Numbers['fixed'], measured: BenchResult | undefined): string {
  if (!measured) return '–';
  if (measured.error) return t('failed: {{why}}', { why: t(measured.error) });
  const { result } = measured;
  if (!result) return '–';
  const ms = (value: number) =>
    value >= 10_000 ? `${fixed(value / 1000, 1)} s` : `${fixed(value, value < 100 ? 1 : 0)} ms`;
  if ('warmMs' in result)
    return t('five captions {{warm}} warm, {{cold}} cold; image {{image}}', {
      warm: ms(result.warmMs),
      cold: ms(result.coldMs),
      image: ms(result.encodeMs),
    });
  if ('step1Ms' in result)
    return t(
      'step {{one}} (1 beam), {{five}} (5 beams), {{speed}} tokens/s; load {{load}}, warm-up {{warmUp}}, prefill {{prefill}}',
      {
        one: ms(result.step1Ms),
        five: ms(result.step5Ms),
        speed: fixed(result.tokensPerSecond, 0),
        load: ms(result.loadMs),
        warmUp: ms(result.warmUpMs),
        prefill: ms(result.prefillMs),
      },
    );
  if ('products5Ms' in result)
    return t('{{one}} (1 beam), {{five}} (5 beams): no step can be shorter', {
      one: ms(result.products1Ms),
      five: ms(result.products5Ms),
    });
  return t('step {{step}} (batch of 5), {{speed}} tokens/s; load {{load}}', {
    step: ms(result.stepMs),
    speed: fixed(result.tokensPerSecond, 0),
    load: ms(result.loadMs),
  });
}
