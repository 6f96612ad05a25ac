import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { importSteps } from '@/models/weights/import/steps';
import type { InstallProgress } from '@/server/families/types';
import { connectionFailure, waitReasons } from '@/server/hub/wait-reasons';
import { catalogs } from '../languages/catalogs';
import { LanguageProvider } from '../languages/provider';
import type { ModelsState } from './use-models';
import { JobProgress } from './job-progress';

const said = (progress: InstallProgress) =>
  /<p [^>]*>(.*?)<\/p>/.exec(
    renderToStaticMarkup(
      <LanguageProvider language="de" catalog={catalogs.de}>
        <JobProgress
          job={{ id: '1', kind: 'pull', family: 'coco', title: '', state: 'running', startedAt: 0, progress }}
          models={{} as ModelsState}
        />
      </LanguageProvider>,
    ),
  )![1];

describe('how far an import is, in German', () => {
  it('names what it is at', () => {
    expect(
      said({
        phase: 'importing',
        family: 'coco',
        what: { sentence: importSteps.graphAt8Bit, values: { graph: 'clipcap.lm' } },
        done: 1,
        total: 2,
      }),
    ).toBe('Import (clipcap.lm wird mit 8 Bit erprobt)');
  });

  it('says why it waits, in words of the hub’s failure', () => {
    const waiting = (reason: Extract<InstallProgress, { phase: 'waiting' }>['reason']) =>
      said({ phase: 'waiting', family: 'coco', reason, ms: 2000 });
    expect(waiting({ sentence: waitReasons.status, values: { status: 503 } })).toBe(
      'der Hub antwortet mit Status 503; nächster Versuch in 2 s',
    );
    expect(
      waiting(
        connectionFailure(
          'hub.test',
          Object.assign(new Error('fetch failed'), { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
        ),
      ),
    ).toBe('hub.test: die Verbindung wird abgelehnt; nächster Versuch in 2 s');
    // What the library says is not ours to show.
    expect(waiting(connectionFailure('hub.test', new Error('fetch failed')))).toBe(
      'hub.test: die Verbindung ist fehlgeschlagen; nächster Versuch in 2 s',
    );
    expect(waiting(connectionFailure('<b>', Object.assign(new Error(), { code: 'EODD' })))).toBe(
      '&lt;b&gt;: die Verbindung ist fehlgeschlagen (EODD); nächster Versuch in 2 s',
    );
  });
});
