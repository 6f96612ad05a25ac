import { StudioError } from '../../../models/errors';
import { amount } from '../../../models/units';
import { importKindCards } from '../../families/published';
import { parse, text } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { pathOf, say, sayJson } from '../io';
import { catalogOf } from './catalog';
import { InstallLine } from './progress';

const kindHelp = importKindCards
  .map(({ id, title, goodAt, files, shapes, options, needs }) =>
    [
      `  ${id}   ${title}`,
      `      ${goodAt}`,
      ...files.map(({ title: what, required }) => `      ${required ? 'needs' : 'takes'} ${what}`),
      `      holds ${shapes.join(', ')}`,
      ...(needs ? [`      joins a family of the space ${needs} (--base; it is taken where it is installed)`] : []),
      ...options.map(
        ({ name, help, default: fallback, choices }) =>
          `      --option ${name}=${choices ? choices.join('|') : 'V'}   ${help}   (${String(fallback)})`,
      ),
    ].join('\n'),
  )
  .join('\n');

const fields: Fields = {
  family: 'the name of the family',
  bytes: 'what it takes on the disk',
  seconds: 'how long it took',
};

export const importModel: Command = {
  summary: 'makes a family of checkpoint files of your own or downloaded by hand',
  help: `npm run -s studio -- models import KIND FILE... [flags]

Checks every tensor's name and shape and says what is missing or foreign. No code of a checkpoint is ever run. The files stay as they are.

  --name N       what to call the family   (KIND)
  --base FAMILY  for a decoder: the installed family whose space it reads; its decoders come along
  --option X=V   an option of the kind; may be repeated
  --json         machine-readable output

With --json one object:
${fieldHelp(fields)}

Kinds:
${kindHelp}`,
  async run(args, io) {
    const { values, positionals } = parse(args, {
      name: { type: 'string' },
      base: { type: 'string' },
      option: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    });
    const [kind, ...named] = positionals;
    const files = named.map((file) => pathOf(io, file));
    const known = importKindCards.find(({ id }) => id === kind);
    if (!known || !files.length)
      throw new StudioError(
        'option-invalid',
        `${kind === undefined || known ? 'Name the kind and its files' : `There is no kind "${kind}"`}: ` +
          `npm run -s studio -- models import KIND FILE... Kinds are ${importKindCards.map(({ id }) => id).join(', ')}; --help says what each takes.`,
      );
    if (named.includes('-'))
      throw new StudioError('option-invalid', 'Checkpoints are read more than once: name files, not standard input.');
    const name = text(values.name) ?? known.id;
    const { installer, store } = catalogOf(io);
    const installed = (await store.list()).map((family) => family.name);
    const base = text(values.base) ?? (known.needs && installed.includes(known.needs) ? known.needs : undefined);
    const options: Record<string, string | number | boolean> = {};
    for (const entry of (values.option as string[] | undefined) ?? []) {
      const [option, value] = optionOf(entry, known.options);
      if (Object.hasOwn(options, option))
        throw new StudioError('option-invalid', `--option ${option} is given twice, and can be one of them only.`);
      options[option] = value;
    }
    const line = new InstallLine(io.stderr);
    const start = performance.now();
    try {
      await installer.import(
        { kind: known.id, files, name, ...(base ? { base } : {}), options },
        { onProgress: line.update.bind(line), signal: io.signal },
      );
    } finally {
      line.end();
    }
    const bytes = (await store.list()).find((family) => family.name === name)?.bytes ?? 0;
    if (values.json) await sayJson(io, { family: name, bytes, seconds: (performance.now() - start) / 1000 });
    else
      await say(io, `${name} is installed (${amount(bytes)}). npm run -s studio -- caption photo.jpg --family ${name}`);
    return 0;
  },
};

function optionOf(
  entry: string,
  specs: (typeof importKindCards)[number]['options'],
): [string, string | number | boolean] {
  const match = /^([^=]+)=(.*)$/.exec(entry);
  if (!match) throw new StudioError('option-invalid', `--option "${entry}" is not of the form name=value.`);
  const [, name = '', value = ''] = match;
  const kind = typeof specs.find((spec) => spec.name === name)?.default;
  // What does not fit stays text, and the import says what it expected.
  if (kind === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return [name, Number(value)];
  if (kind === 'boolean' && (value === 'true' || value === 'false')) return [name, value === 'true'];
  return [name, value];
}
