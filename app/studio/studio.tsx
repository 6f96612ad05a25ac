'use client';
import { useCallback } from 'react';
import { SendingBar } from '../collections/sending-bar';
import type { Address } from '../comparisons/address';
import { devicesText } from '../comparisons/progress-words';
import { Header } from '../frame/header';
import { MissingComparison } from '../history/missing-comparison';
import { useTranslation } from '../languages/use-translation';
import * as blind from '../ratings/blind-state';
import { Captions } from './captions';
import { giveAddress, giveFiles, giveOne } from './giving';
import { StudioPage, usePage, useParts, useShown } from './page-context';
import { Photo, Tools } from './photo';
import * as select from './selectors';
import { useTakingFiles } from './taking-files';
import { useNarrow } from '../views/use-narrow';
import { useKeptFocus } from './kept-focus';

/** The page: inputs, lanes of decoders each on the device of its choice, and how their captions came to be. */
export function Studio({ opened }: { /** The comparison that its address names. */ opened?: Address | undefined }) {
  return (
    <StudioPage opened={opened}>
      <Opened />
    </StudioPage>
  );
}

/** What the page's address names, or why that cannot be shown. */
function Opened() {
  const { t } = useTranslation();
  const { opened } = usePage();
  const absence = useShown((state) => select.missing(state, opened));
  if (!absence) return <Page />;
  return (
    <div className="min-h-dvh">
      <Header device="" comparison={false} skip={{ to: '#lanes', what: t('Skip to the message') }} />
      <div id="lanes" tabIndex={-1}>
        <MissingComparison address={opened!} absence={absence} />
      </div>
    </div>
  );
}

function Page() {
  const { t } = useTranslation();
  const studio = usePage();
  const taking = useTakingFiles({
    giveFiles: useCallback((files: File[]) => giveFiles(studio, files), [studio]),
    giveAddress: useCallback((text: string) => giveAddress(studio, text), [studio]),
  });
  const hidden = useShown(blind.hidden);
  const begun = useShown(({ active, working }) => active !== undefined || working !== undefined);
  // On a phone captions come first, and the tools below them: in this order too they are read and walked.
  const told = useShown((state) => select.problem(state) !== undefined);
  const later = useNarrow() && begun && !told;
  const keepsFocus = useKeptFocus<HTMLElement>(later);
  const tools = <Tools key="tools" fileInput={taking.fileInput} hidden={hidden} />;
  const lanes = <Lanes key="lanes" open={() => taking.fileInput.current?.click()} />;
  return (
    <div className="flex min-h-dvh flex-col" {...taking.listeners}>
      <Header device={useShown(({ shown }) => devicesText(shown, t))} blind={hidden} />
      {taking.dragging && (
        <p className="pointer-events-none fixed inset-x-0 top-16 z-40 mx-auto w-fit rounded-lg border-2 border-accent bg-card px-5 py-3 text-lg font-medium shadow-lg">
          {t('Drop it anywhere: photos, a folder or an embedding.')}
        </p>
      )}
      <SendingBar sender={studio.sender} className="mx-4 mt-3" />
      <main
        ref={keepsFocus}
        className={`studio-main ${taking.dragging ? 'outline-2 -outline-offset-8 outline-dashed outline-accent' : ''}`}
        data-begun={begun ? '' : undefined}
      >
        <Photo />
        {later ? [lanes, tools] : [tools, lanes]}
      </main>
    </div>
  );
}

/** The captions alone are drawn again while words stream. */
function Lanes({ open }: { open: () => void }) {
  const page = usePage();
  return (
    <Captions
      bench={useParts(select.standing)}
      open={open}
      sample={(sample) => void giveOne(page, { kind: 'sample', ...(sample ? { sample } : {}) })}
    />
  );
}
