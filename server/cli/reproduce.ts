import type { LaneRequest } from '../../models/compare';
import { decoderNamed } from '../../models/decoders/named';
import type { PublishedFigures } from '../../models/decoders/types';
import { StudioError } from '../../models/errors';
import type { Manifest } from '../../models/manifest';
import { count, engineSettings, parse, text } from './args';
import { captionSet, type LaneScores, setRecord } from './caption-set';
import { captionsFileHelp, openCaptionsFile } from './captions-file';
import { readFamily } from '../weights/read-family';
import type { Command } from './command';
import { fieldHelp, type Fields, within } from './fields';
import { say, sayJson } from './io';
import { readReferences, referencesHelp } from './references';
import { laneScoreFields, setFields } from './score-fields';

const flags = {
  images: { type: 'string' },
  references: { type: 'string' },
  split: { type: 'string' },
  limit: { type: 'string' },
  captions: { type: 'string' },
  device: { type: 'string' },
  precision: { type: 'string' },
  'families-dir': { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** What differs from the authors' evaluation whatever the photos. */
const differences = [
  'METEOR and SPICE are not computed here.',
  'Words are split as the Penn Treebank tokenizer does it, by our own code and not by the Java program; document frequencies come from the references given.',
  'Embeddings are computed in fp32; the authors used half precision on a GPU.',
  "Photos are decoded by libvips and resized by our own Pillow-exact code; the authors' libjpeg may differ by a level or two a pixel.",
];

const fields: Fields = {
  ...setFields,
  photos: 'how many were captioned',
  'rows[].decoder': 'a decoder of the family',
  'rows[].mode': "one of its authors' modes, or studio: our own search",
  ...within('rows[].ours', laneScoreFields),
  'rows[].published[].system': 'what was published',
  'rows[].published[].split': 'on which photos',
  'rows[].published[].bleu4': 'in percent',
  'rows[].published[].meteor': 'in percent',
  'rows[].published[].cider': 'in percent',
  'rows[].published[].from': 'in which paper',
  'differs[]': 'what differs from that evaluation',
};

export const reproduce: Command = {
  summary: "scores an installed family beside its authors' published figures",
  help: `npm run -s studio -- reproduce FAMILY --images DIR|TAR --references FILE [flags]

Captions every photo by each decoder of the family, both by its authors' code (the modes named after source and version) and by the
studio's own search, and prints our figures beside those that the authors published, with what differs: the way to prove an import of
real weights.

${referencesHelp}

  --split NAME       of references with splits: this one alone
  --limit N          only the first N photos
${captionsFileHelp}
  --device NAME      auto, cpu, cuda, webgpu, coreml, dml   (auto)
  --precision P      fp32, fp16 or q8   (fp32)
  --families-dir DIR folder with one subfolder for each family
  --json             machine-readable output

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags, { positionals: 1 });
    const [family] = positionals;
    const [images, file] = [text(values.images), text(values.references)];
    if (family === undefined || images === undefined || file === undefined)
      throw new StudioError('option-invalid', 'Name all three: reproduce FAMILY --images DIR|TAR --references FILE');
    const settings = engineSettings(values, io);
    const { manifest, hash } = await readFamily(family, settings);
    const lanes = lanesFor(manifest);
    const references = await readReferences(io, file, text(values.split));
    const limit = Math.min(count('limit', text(values.limit)) ?? references.size, references.size);
    const out = text(values.captions);
    const kept = out === undefined ? undefined : await openCaptionsFile(io, out);
    const engine = await io.openEngine(settings);
    try {
      const set = await captionSet(engine, { images, references, file, limit, family, lanes }, io, kept?.add);
      const { scores, done } = set;
      const rows = lanes.map(({ id, decoder, options = {} }) => ({
        decoder,
        mode: String(options.mode),
        ours: scores[id]!,
        published: decoderNamed(decoder).figures?.(manifest) ?? [],
      }));
      const differs = [
        `The published figures are of the splits named; yours are ${done} photos of ${file}.`,
        ...differences,
      ];
      if (values.json)
        await sayJson(io, {
          family,
          familyHash: hash,
          ...setRecord(set),
          photos: done,
          rows,
          differs,
        });
      else
        await say(io, [...rows.flatMap(lines), '', 'What differs:', ...differs.map((line) => `- ${line}`)].join('\n'));
      return set.failures || set.fault ? 1 : 0;
    } finally {
      await Promise.all([engine.close(), kept?.close()]);
    }
  },
};

/**
 * Every decoder of a family by its authors' modes, and by the studio's own search. @throws option-invalid when it has
 * none
 */
function lanesFor({ family, decoders }: Manifest): LaneRequest[] {
  const lanes = Object.keys(decoders).flatMap((decoder) => {
    const { modes } = decoderNamed(decoder);
    return [...modes.map(({ name }) => name), 'studio'].map((mode): LaneRequest => ({
      id: `${decoder} ${mode}`,
      decoder,
      options: modes.length ? { mode } : {},
    }));
  });
  if (!lanes.length)
    throw new StudioError(
      'option-invalid',
      `${family} is a space without a decoder: it writes no captions. Name a family with a decoder, for example one imported onto it.`,
    );
  return lanes;
}

function lines({
  decoder,
  mode,
  ours,
  published,
}: {
  decoder: string;
  mode: string;
  ours: LaneScores;
  published: readonly PublishedFigures[];
}): string[] {
  const percent = (value: number) => (100 * value).toFixed(1).padStart(6);
  return [
    `${decoder}, ${mode === 'undefined' ? 'studio' : mode}`,
    `  ours        BLEU-4 ${percent(ours.bleu4)}   CIDEr ${percent(ours.ciderD)}   ROUGE-L ${percent(ours.rougeL)}   ${ours.n} photos, ${ours.distinct} distinct captions`,
    ...published.map(
      ({ system, split, bleu4, meteor, cider, from }) =>
        `  published   BLEU-4 ${bleu4.toFixed(1).padStart(6)}   CIDEr ${cider.toFixed(1).padStart(6)}   METEOR  ${meteor.toFixed(1).padStart(6)}   ${system}, ${split} (${from})`,
    ),
    ...(published.length ? [] : ['  published   nothing by the authors for this decoder']),
  ];
}
