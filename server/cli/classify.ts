import { StudioError } from '../../models/errors';
import {
  classify as labelled,
  labelDirection,
  readLabels,
  usualTemperature,
  usualTemplate,
} from '../../models/vectors/zero-shot';
import { embeddingBytes } from '../collections/run/answer-batch';
import { readBytes } from '../files/read-bytes';
import { openMatrix } from '../vectors/open-matrix';
import { namedKeys } from '../vectors/keys';
import { labelsOf } from '../vectors/labels';
import { count, engineSettings, parse, text, type Values } from './args';
import { collectionFlags, inputHelp, runHelp } from './collection/flags';
import { runCollection } from './collection/run';
import type { Command } from './command';
import { readFamily } from '../weights/read-family';
import { errorFields, fieldHelp, type Fields, within } from './fields';
import { type Io, nameOf, say, sayJson, tell } from './io';
import { spaceFlags, spaceHelp } from './space-flags';

const { resume: _, overwrite: __, ...sharedFlags } = collectionFlags;
const flags = {
  ...sharedFlags,
  ...spaceFlags,
  labels: { type: 'string' },
  template: { type: 'string', multiple: true },
  temperature: { type: 'string' },
  top: { type: 'string' },
  keys: { type: 'string' },
  truth: { type: 'string' },
  'truth-column': { type: 'string' },
  json: { type: 'boolean' },
} as const;

const fields: Fields = {
  image: 'the photo, or the row',
  'labels[].label': 'a label, the likeliest first',
  'labels[].probability': 'softmax of the cosines over the temperature, among the labels given',
  'labels[].cosine': 'its cosine with the photo',
  truth: 'what it is, where --truth tells',
  ...within('error', errorFields),
  photos: 'at the end, with --truth: how many were labelled and are known',
  top1: 'share of them whose first label is right',
  top5: 'whose right label is among the first five',
};

export const classify: Command = {
  summary: 'photos by labels that nobody trained on (zero-shot)',
  help: `npm run -s studio -- classify PHOTO|FOLDER|ARCHIVE|TABLE... --labels FILE [flags]
npm run -s studio -- classify VECTORS.npy --labels FILE [flags]

Each photo's cosine with each label, said by the templates, and softmax of it: a line a photo. Photos are embedded as \`embed\` does it, side by
side, and what was embedded once is not embedded again.

  --labels FILE      a label a line, or JSON: ["dog", "cat"], or with prompts of their own {"dog": ["a dog", "a puppy"], ...}
  --template T       what is said of a label, which stands for {}; of several the mean   ("${usualTemplate}")
  --temperature T    divides the cosines: small is sure of the nearest, large evens out   (${usualTemperature})
  --top N            labels that are told of each photo   (5)
  --truth TABLE      what the photos are, .csv or .jsonl with their keys and a column label: tells top-1 and top-5; or the word
                     folders, for photos that lie in a folder named by their label
  --truth-column C   that column   (label)
  --keys LIST        of VECTORS: what the rows are called
${inputHelp}
${spaceHelp}
${runHelp.split('\n').slice(2).join('\n')}
  --json             machine-readable output

With --json one object a photo and line, and with --truth one at the end:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags);
    const file = text(values.labels);
    if (file === undefined || (!positionals.length && values.list === undefined))
      throw new StudioError('option-invalid', 'Name the photos and the labels: classify photos/ --labels labels.txt');
    const templates = (values.template as string[] | undefined) ?? [usualTemplate];
    const labels = readLabels(nameOf(file), new TextDecoder().decode(await readBytes(io, file)), templates);
    const temperature = Number(text(values.temperature) ?? usualTemperature);
    if (!(temperature > 0) || !Number.isFinite(temperature))
      throw new StudioError(
        'option-invalid',
        `--temperature is "${text(values.temperature)}"; expected a number above 0.`,
      );
    const top = count('top', text(values.top)) ?? 5;
    const settings = engineSettings(values, io);
    const family = text(values.family) ?? 'pocket';
    const { manifest } = await readFamily(family, settings);
    const vectors =
      positionals.length === 1 && /\.(npy|safetensors)$/i.test(positionals[0]!) ? positionals[0]! : undefined;
    const open = vectors === undefined ? undefined : await openMatrix(io, vectors, text(values.keys));
    try {
      open?.matrix.demand(manifest.space);
      const engine = await io.openEngine(settings);
      const directions = await (async () => {
        try {
          const prompts = labels.flatMap((label) => label.prompts);
          const all = await engine.embedTexts(family, prompts);
          let next = 0;
          return labels.map(({ prompts: own }) => labelDirection(own.map(() => all[next++]!.values)));
        } finally {
          await engine.close();
        }
      })();
      const names = labels.map(({ label }) => label);
      const tally = new Tally(names, top, values, io);
      const answer = (image: string, embedding: Float32Array) =>
        tally.take(image, labelled(embedding, directions, temperature));
      let status = 0;
      if (open) {
        const { matrix, keys } = open;
        await tally.know(Array.from({ length: matrix.rows }, (_row, row) => keys.of(row)));
        for (let row = 0; row < matrix.rows; row++) {
          try {
            await answer(keys.of(row), matrix.row(row));
          } catch (error) {
            if (!(error instanceof StudioError) || error.code !== 'embedding-invalid') throw error;
            status = 1;
            await tally.lose(keys.of(row), error);
          }
        }
      } else
        status = await runCollection(
          {
            command: 'classify',
            args,
            values,
            inputs: positionals,
            lanes: [],
            embeddings: true,
            open: async (sources) => {
              await tally.know(sources.map(({ key }) => key));
              return {
                done: new Set(),
                tell: [],
                async write(_source, photo) {
                  const bytes = embeddingBytes(photo);
                  if (bytes) await answer(photo.key, new Float32Array(new Uint8Array(bytes).buffer));
                  else if (photo.error && values.json) await sayJson(io, { image: photo.key, error: photo.error });
                },
                finish: async () => undefined,
                abandon: async () => undefined,
              };
            },
          },
          io,
        );
      if (status !== 130) await tally.end();
      return status;
    } finally {
      open?.close();
    }
  },
};

/** Says what each photo is, and counts how often that is right where it is known. */
class Tally {
  #truth: ReadonlyMap<string, string> | undefined;
  readonly #right = { photos: 0, top1: 0, top5: 0 };

  constructor(
    private readonly labels: readonly string[],
    private readonly top: number,
    private readonly values: Values,
    private readonly io: Io,
  ) {}

  /** Reads what the photos of these keys are. @throws option-invalid */
  async know(keys: readonly string[]): Promise<void> {
    const file = text(this.values.truth);
    if (file === undefined) return;
    let found: (string | undefined)[];
    if (file === 'folders') found = keys.map((key) => key.split('/').at(-2));
    else {
      const of = { column: text(this.values['truth-column']) ?? 'label', keys: namedKeys(keys), rows: keys.length };
      const read = labelsOf(nameOf(file), await readBytes(this.io, file), of);
      for (const line of read.tell) tell(this.io, line);
      found = read.labels;
    }
    const strange = found.find((label) => label !== undefined && !this.labels.includes(label));
    if (strange !== undefined)
      throw new StudioError(
        'option-invalid',
        `--truth ${file} says "${strange}" of ${keys[found.indexOf(strange)]}, which is none of the labels (${this.labels.slice(0, 5).join(', ')}${this.labels.length > 5 ? ' …' : ''}). Spell both alike.`,
      );
    this.#truth = new Map(keys.flatMap((key, i) => (found[i] === undefined ? [] : [[key, found[i]] as const])));
  }

  async take(image: string, guesses: ReturnType<typeof labelled>): Promise<void> {
    const truth = this.#truth?.get(image);
    if (truth !== undefined) {
      const rank = guesses.findIndex(({ index }) => this.labels[index] === truth);
      this.#right.photos++;
      if (rank < 1) this.#right.top1++;
      if (rank < 5) this.#right.top5++;
    }
    const labels = guesses
      .slice(0, this.top)
      .map(({ index, probability, cosine }) => ({ label: this.labels[index]!, probability, cosine }));
    if (this.values.json) return sayJson(this.io, { image, labels, ...(truth === undefined ? {} : { truth }) });
    const shown = labels.map(({ label, probability }) => `${label} ${(100 * probability).toFixed(0)} %`);
    await say(this.io, `${image}   ${shown.join(', ')}${truth === undefined ? '' : `   (${truth})`}`);
  }

  async lose(image: string, { code, message }: StudioError): Promise<void> {
    if (this.values.json) await sayJson(this.io, { image, error: { code, message } });
    else tell(this.io, `${image}: ${message}`);
  }

  /** How often it was right. */
  async end(): Promise<void> {
    const { photos, top1, top5 } = this.#right;
    if (!this.#truth) return;
    const report = { photos, top1: top1 / photos, top5: top5 / photos };
    if (this.values.json) await sayJson(this.io, report);
    else
      tell(
        this.io,
        `top-1 ${(100 * report.top1).toFixed(1)} %, top-5 ${(100 * report.top5).toFixed(1)} % of ${photos} photos, ${this.labels.length} labels`,
      );
  }
}
