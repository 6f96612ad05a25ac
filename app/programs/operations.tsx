'use client';
import type { DocumentedOperation, ProgramGuide, Schema } from '@/kept/programs';
import { useTranslation } from '../languages/use-translation';
import { CodeBlock } from './code-block';
import { fieldsOf, typeText } from './schema-words';

/** Every operation of the document, a line each, with its fields and an example on demand. */
export function Operations({ paths, origin }: { paths: ProgramGuide['document']['paths']; origin: string }) {
  return (
    <ul className="divide-y divide-line rounded-lg border border-line bg-card">
      {Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => (
          <li key={operation.operationId}>
            <Operation method={method.toUpperCase()} path={path} operation={operation} origin={origin} />
          </li>
        )),
      )}
    </ul>
  );
}

function Operation({
  method,
  path,
  operation,
  origin,
}: {
  method: string;
  path: string;
  operation: DocumentedOperation;
  origin: string;
}) {
  const { t } = useTranslation();
  const asked = operation.requestBody?.content['application/json']?.schema;
  const answer = operation.responses[200].content['application/json']?.schema;
  const others = Object.keys(operation.requestBody?.content ?? {}).filter((kind) => kind !== 'application/json');
  const example = operation['x-example']?.replaceAll('$STUDIO', origin);
  return (
    <details className="group">
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-0.5 p-3">
        <span className="w-11 font-mono text-xs font-semibold">{method}</span>
        <span className="font-mono text-sm [overflow-wrap:anywhere]">{path}</span>
        <span className="min-w-0 text-sm text-quiet" lang="en">
          {operation.summary}
        </span>
        <span className="ml-auto text-xs text-quiet">
          {operation['x-scope'] === 'run' ? t('needs the right to run') : t('reads')}
        </span>
      </summary>
      <div className="space-y-3 border-t border-line p-3 text-sm">
        {operation.description && (
          <p className="max-w-prose" lang="en">
            {operation.description}
          </p>
        )}
        {example && <CodeBlock label={t('Copy the example of {{path}}', { path })} text={example} />}
        {asked && (
          <Fields
            title={
              others.length
                ? t('What is sent, as JSON (or as {{kinds}})', { kinds: others.join(', ') })
                : t('What is sent, as JSON')
            }
            schema={asked}
          />
        )}
        {answer && <Fields title={t('What is answered')} schema={answer} />}
        {operation.responses[200].content['text/event-stream'] && (
          <p className="max-w-prose text-quiet" lang="en">
            {operation.responses[200].description}
          </p>
        )}
      </div>
    </details>
  );
}

function Fields({ title, schema }: { title: string; schema: Schema }) {
  const { t } = useTranslation();
  return (
    <div>
      <h3 className="mb-1 font-medium">{title}</h3>
      <div className="overflow-x-auto" tabIndex={0} role="group" aria-label={title}>
        <table className="w-full text-left text-xs">
          <thead className="text-quiet">
            <tr>
              <th className="py-1 pr-3 font-normal">{t('Field')}</th>
              <th className="py-1 pr-3 font-normal">{t('Kind')}</th>
              <th className="py-1 font-normal">{t('Meaning')}</th>
            </tr>
          </thead>
          <tbody lang="en">
            {fieldsOf(schema).map(({ name, required, of }) => (
              <tr key={name} className="border-t border-line align-top">
                <td className="py-1 pr-3 font-mono whitespace-nowrap">
                  {name}
                  {required && <span title={t('required')}> *</span>}
                </td>
                <td className="py-1 pr-3 font-mono">{typeText(of)}</td>
                <td className="min-w-40 py-1">{of.description}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
