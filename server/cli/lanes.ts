import type { LaneRequest } from '../../models/compare';
import { decoderNamed } from '../../models/decoders/named';
import { decoders } from '../../models/decoders/registry';
import { searches } from '../../models/decoders/prefix';
import type { OptionSpec } from '../../models/decoders/option-spec';
import { StudioError } from '../../models/errors';
import { planLanes, requestOf, trainedDecoders } from '../../models/lanes/plan';
import type { Manifest } from '../../models/manifest';
import { text, type Values } from './args';
import { optionHelp } from './option-help';

/** Flags of every command that decodes. */
export const decodeFlags = {
  decoder: { type: 'string' },
  family: { type: 'string' },
  device: { type: 'string' },
  precision: { type: 'string' },
  'families-dir': { type: 'string' },
  beam: { type: 'string' },
  search: { type: 'string' },
  option: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

const specOf = (decoder: string, option: string) =>
  decoders.find(({ name }) => name === decoder)?.options.find(({ name }) => name === option);

/** The searches that most decoders have, and those of the others. */
const searchHelp = (() => {
  const of = decoders.flatMap(({ name }) => {
    const spec = specOf(name, 'search');
    return spec?.kind === 'choice' ? [{ name, choices: spec.choices.join(', ') }] : [];
  });
  const common = searches.join(', ');
  const others = of.filter(({ choices }) => choices !== common);
  return [common, ...others.map(({ name, choices }) => `of ${name}: ${choices}`)].join(`;\n${' '.repeat(21)}`);
})();
const example = `${decoders[0]!.name}.topP`;

export const decodeHelp = `  --decoder LIST     all, or names joined by commas: ${decoders.map(({ name }) => name).join(', ')}   (all)
  --family NAME      the space and its decoders; \`models list\` shows what is installed   (pocket)
  --device NAME      auto, cpu, cuda, webgpu, coreml, dml   (auto)
  --precision P      fp32, fp16 or q8   (fp32)
  --beam N           beams of every decoder
  --search NAME      search of every decoder that knows it: ${searchHelp}
  --option D.X=V     option X of decoder D (below), for example --option ${example}=0.9; may be repeated
  --families-dir DIR folder of the embedded families   (models)
  --json             machine-readable output

${optionHelp()}`;

/**
 * The lanes that the flags ask for, one a decoder; `all` are those that the family has. @throws decoder-unknown,
 * option-invalid
 */
export function lanesOf(
  values: Values,
  manifest: Pick<Manifest, 'family' | 'decoders' | 'languageModel'>,
): LaneRequest[] {
  const wanted = (text(values.decoder) ?? 'all')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const names = wanted.includes('all')
    ? trainedDecoders(manifest).map(({ name }) => name)
    : [...new Set(wanted)].map((name) => decoderNamed(name).name);
  if (!names.length)
    throw new StudioError(
      'decoder-unknown',
      `The family ${manifest.family} is a space without a decoder. Import one onto it, or name another with --family.`,
    );
  const own = new Map(names.map((name) => [name, {} as Record<string, unknown>]));
  for (const entry of (values.option as string[] | undefined) ?? []) {
    const match = /^([^.=]+)\.([^=]+)=(.*)$/.exec(entry);
    if (!match)
      throw new StudioError(
        'option-invalid',
        `--option "${entry}" is not of the form decoder.name=value, for example ${example}=0.9.`,
      );
    const [, decoder = '', name = '', value = ''] = match;
    const options = own.get(decoder);
    if (!options)
      throw new StudioError(
        'option-invalid',
        `--option "${entry}" speaks of ${decoder}, which does not run. Running are ${names.join(', ')}.`,
      );
    if (Object.hasOwn(options, name))
      throw new StudioError(
        'option-invalid',
        `--option ${decoder}.${name} is given twice, and can be one of them only.`,
      );
    options[name] = typed(specOf(decoder, name), value);
  }
  const beam = text(values.beam);
  const search = text(values.search);
  const knows = (decoder: string) => {
    const spec = specOf(decoder, 'search');
    return search !== undefined && spec?.kind === 'choice' && spec.choices.includes(search);
  };
  // --search concerns the decoders that know it; one that none knows is refused by the check below.
  const searching = names.some(knows) ? knows : () => search !== undefined;
  // Refused here, before any file is read or weight loaded.
  return planLanes(
    names.map((name) => ({
      decoder: name,
      options: {
        ...(beam === undefined ? {} : { beam: typed(specOf(name, 'beam'), beam) }),
        ...(searching(name) ? { search } : {}),
        ...own.get(name),
      },
    })),
    manifest,
  ).map(requestOf);
}

/** A value as its option wants it; what does not fit stays text and is refused by the option's own check. */
function typed(spec: OptionSpec | undefined, value: string): unknown {
  if (spec?.kind === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  if (spec?.kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
