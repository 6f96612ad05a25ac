import { StudioError } from '../errors';
import { norm } from '../spaces/embedding';

/** What CLIP's authors say before a label. */
export const usualTemplate = 'a photo of a {}.';
/** What CLIP was trained to divide cosines by in the end. */
export const usualTemperature = 0.01;

/** A label and what is said of it: a photo's cosine is that with the mean of its prompts. */
export type Label = { label: string; prompts: readonly string[] };

/**
 * Labels of a file: a label a line, or JSON: a list of labels, or an object of labels with prompts of their own. The
 * others are said by the templates, in whose place `{}` the label stands.
 * @param name of the file, for errors
 * @throws option-invalid for none, an empty one and one that is there twice, with its line or number
 */
export function readLabels(name: string, text: string, templates: readonly string[]): Label[] {
  for (const template of templates)
    if (!template.includes('{}'))
      throw new StudioError(
        'option-invalid',
        `The template "${template}" has no {} in which the label stands, as in "${usualTemplate}".`,
      );
  const entries = /^\s*[[{]/.test(text) ? ofJson(name, text) : ofLines(name, text);
  if (entries.length < 2)
    throw new StudioError(
      'option-invalid',
      `${name} has ${entries.length ? 'one label' : 'no label'}; expected two at least, a line each.`,
    );
  const places = new Map<string, string>();
  return entries.map(({ label, prompts, where }) => {
    if (!label || prompts?.some((prompt) => !prompt.trim()))
      throw new StudioError('option-invalid', `${name}, ${where}: ${label ? 'a prompt' : 'the label'} is empty.`);
    const before = places.get(label);
    if (before !== undefined)
      throw new StudioError('option-invalid', `${name}, ${where}: the label "${label}" is there already (${before}).`);
    places.set(label, where);
    return { label, prompts: prompts ?? templates.map((template) => template.replaceAll('{}', label)) };
  });
}

type Entry = { label: string; prompts?: readonly string[]; where: string };

const ofLines = (name: string, text: string): Entry[] =>
  text
    .replace(/^\ufeff/, '')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .flatMap((line, i, all) =>
      all.length === 1 && !line.trim() ? [] : [{ label: line.trim(), where: `line ${i + 1}` }],
    );

function ofJson(name: string, text: string): Entry[] {
  const invalid = () =>
    new StudioError(
      'option-invalid',
      `${name}: expected a list of labels, or an object of labels with their prompts: {"dog": ["a dog", "a puppy"]}.`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalid();
  }
  const isText = (value: unknown): value is string => typeof value === 'string';
  if (Array.isArray(json)) {
    if (!json.every(isText)) throw invalid();
    return json.map((label, i) => ({ label: label.trim(), where: `label ${i + 1}` }));
  }
  return Object.entries(json as object).map(([label, prompts]: [string, unknown], i) => {
    const own = isText(prompts) ? [prompts] : prompts;
    if (!Array.isArray(own) || !own.length || !own.every(isText)) throw invalid();
    return { label: label.trim(), prompts: own, where: `label ${i + 1}` };
  });
}

/**
 * The direction of a label: the mean of its prompts' embeddings at norm 1, at norm 1.
 * @param prompts raw, [dim] each
 */
export function labelDirection(prompts: readonly Float32Array[]): Float64Array {
  const sum = new Float64Array(prompts[0]!.length);
  for (const prompt of prompts) {
    const length = norm(prompt);
    prompt.forEach((value, i) => (sum[i]! += value / length));
  }
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}

/** A label as a photo has it. `index`: which of the labels. */
export type Guess = { index: number; cosine: number; probability: number };

/**
 * Labels of an embedding, the likeliest first: softmax of the cosines over the temperature.
 * @param labels directions at norm 1 @throws embedding-invalid for an embedding that points nowhere
 */
export function classify(embedding: Float32Array, labels: readonly Float64Array[], temperature: number): Guess[] {
  const length = norm(embedding);
  if (!(length > 0) || !Number.isFinite(length))
    throw new StudioError('embedding-invalid', 'The embedding is zero or not finite, and has no label.');
  const cosines = labels.map((label) => label.reduce((sum, value, i) => sum + value * embedding[i]!, 0) / length);
  const most = Math.max(...cosines);
  const weights = cosines.map((cosine) => Math.exp((cosine - most) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return cosines
    .map((cosine, index) => ({ index, cosine, probability: weights[index]! / total }))
    .sort((a, b) => b.cosine - a.cosine || a.index - b.index);
}
