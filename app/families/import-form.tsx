'use client';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import type { ModelsState } from './use-models';
import { Facts } from './facts';

const pathsLike = '/home/me/coco_weights.pt\n/home/me/tokenizer.json';
const switches = ['true', 'false'];
const field = 'mt-1 w-full rounded border border-line bg-page px-2 py-1 font-mono text-xs';

/**
 * Makes a family of checkpoint files that lie on the studio's machine: paths are typed, since nothing is copied through
 * the browser.
 */
export function ImportForm({ models }: { models: ModelsState }) {
  const { t } = useTranslation();
  const view = models.view!;
  const [kindId, setKind] = useState(view.kinds[0]?.id ?? '');
  const [paths, setPaths] = useState('');
  const [name, setName] = useState('');
  const [base, setBase] = useState('');
  const [options, setOptions] = useState<Record<string, string>>({});
  const kind = view.kinds.find(({ id }) => id === kindId);
  const bases = view.families.filter(({ embedded, space }) => !embedded && space);
  const files = paths
    .split('\n')
    .map((line) => line.trim().replace(/^"(.*)"$/, '$1'))
    .filter(Boolean);

  // A card's link names the kind.
  useEffect(() => {
    const follow = () => {
      const wanted = /^#import-(.+)$/.exec(window.location.hash)?.[1];
      if (wanted) setKind(wanted);
      if (wanted) document.getElementById('import-kind')?.focus();
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);

  if (!kind) return null;
  const suggested =
    kind.needs && bases.some((family) => family.name === kind.needs) ? kind.needs : (bases[0]?.name ?? '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const typed = Object.fromEntries(
      kind.options.flatMap(({ name: option, default: fallback }) =>
        options[option] === undefined || options[option] === String(fallback)
          ? []
          : [
              [
                option,
                typeof fallback === 'number'
                  ? Number(options[option])
                  : typeof fallback === 'boolean'
                    ? options[option] === 'true'
                    : options[option],
              ],
            ],
      ),
    );
    const started = await models.attempt(() =>
      models.client.models.import.mutate({
        kind: kind.id,
        files,
        name: name || kind.id,
        ...(kind.adds === 'decoder' ? { base: base || suggested || undefined } : {}),
        ...(Object.keys(typed).length ? { options: typed } : {}),
      }),
    );
    if (started) setPaths('');
  };
  return (
    <form
      onSubmit={(event) => void submit(event)}
      className="grid gap-4 rounded-lg border border-line bg-card p-4 text-sm md:grid-cols-2"
      data-testid="import-form"
    >
      <div className="space-y-3">
        <label className="block">
          <span className="font-medium">{t('Kind of checkpoint')}</span>
          <select
            id="import-kind"
            className={field}
            value={kind.id}
            onChange={(event) => {
              setKind(event.target.value);
              setOptions({});
            }}
          >
            {view.kinds.map(({ id, title }) => (
              <option key={id} value={id}>
                {t(title)}
              </option>
            ))}
          </select>
        </label>
        <label className="block">
          <span className="font-medium">{t('Files on this machine')}</span>
          <span className="block text-quiet">{t('One whole path a line; they stay as they are')}</span>
          <textarea
            rows={3}
            className={field}
            value={paths}
            onChange={(event) => setPaths(event.target.value)}
            spellCheck={false}
            placeholder={pathsLike}
          />
        </label>
        <label className="block">
          <span className="font-medium">{t('Name of the family')}</span>
          <input
            className={field}
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder={kind.id}
            spellCheck={false}
            pattern="[a-z0-9][a-z0-9._\-]{0,63}"
            title={t('small letters, digits, dots, dashes and underscores')}
          />
        </label>
        {kind.adds === 'decoder' && (
          <label className="block">
            <span className="font-medium">{t('Joins the family')}</span>
            <select
              className={field}
              value={base || suggested}
              onChange={(event) => setBase(event.target.value)}
              disabled={!bases.length}
            >
              {!bases.length && (
                <option value="">
                  {t('none is installed: pull {{space}} first', { space: kind.needs ?? t('a space') })}
                </option>
              )}
              {bases.map(({ name: one, space }) => (
                <option key={one} value={one}>
                  {one} ({space!.name}, {space!.dim})
                </option>
              ))}
            </select>
          </label>
        )}
        {kind.options.map(({ name: option, help, default: fallback, choices }) => (
          <label key={option} className="block">
            <span className="font-mono text-xs">{option}</span>
            {choices || typeof fallback === 'boolean' ? (
              <select
                className={field}
                value={options[option] ?? String(fallback)}
                onChange={(event) => setOptions({ ...options, [option]: event.target.value })}
              >
                {(choices ?? switches).map((choice) => (
                  <option key={choice}>{choice}</option>
                ))}
              </select>
            ) : (
              <input
                className={field}
                value={options[option] ?? String(fallback)}
                onChange={(event) => setOptions({ ...options, [option]: event.target.value })}
              />
            )}
            <span className="block text-xs text-quiet">{t(help)}</span>
          </label>
        ))}
        <button
          type="submit"
          disabled={!files.length || Boolean(view.locked)}
          className="rounded-md border border-accent px-3 py-1.5 font-medium disabled:opacity-60"
        >
          {t('Import')}
        </button>
      </div>
      <div>
        <h3 className="font-medium">{t(kind.title)}</h3>
        <p className="mt-1">{t(kind.goodAt)}</p>
        <Facts
          facts={[
            [
              t('takes'),
              kind.files
                .map(({ title, required }) => (required ? t(title) : t('{{title}} (optional)', { title: t(title) })))
                .join('; '),
            ],
            [t('holds'), kind.shapes.map((shape) => t(shape)).join(', ')],
            [t('needs'), kind.needs],
            [t('licence'), t(kind.licence)],
            [t('follows'), t(kind.source)],
          ]}
        />
        <p className="mt-2 text-quiet">
          {t('Every tensor’s name and shape is checked, and no code of a checkpoint is ever run.')}
        </p>
      </div>
    </form>
  );
}
