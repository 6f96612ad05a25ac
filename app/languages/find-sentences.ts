import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { importKindCards, publishedModels } from '@/server/families/published';
import { waitReasons } from '@/server/hub/wait-reasons';
import { figureWords } from '@/kept/figure';
import { starWords } from '@/kept/ratings';
import { decoders } from '@/models/decoders/registry';
import { licenceSentences } from '@/models/weights/import/licence';
import { importSteps } from '@/models/weights/import/steps';

/** A sentence of the page as the catalogs must have it. */
export type Found = { key: string; counted: boolean; where: string };

const root = join(import.meta.dirname, '../..');

/** All TypeScript files of the page that are not tests. */
export function pageFiles(): { path: string; source: ts.SourceFile }[] {
  return readdirSync(join(root, 'app'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/\.(test|d)\.tsx?$/.test(path) && path !== 'languages/find-sentences.ts')
    .sort()
    .map((path) => ({
      path: `app/${path}`,
      source: ts.createSourceFile(path, readFileSync(join(root, 'app', path), 'utf8'), ts.ScriptTarget.Latest, true),
    }));
}

/**
 * Sentences that the page's source says: t('…'), msg('…') and <Sentence says="…">. A key that is put together from
 * pieces is refused.
 */
export function sentencesOfSource(): Found[] {
  const found: Found[] = [];
  for (const { path, source } of pageFiles()) {
    const where = (node: ts.Node) => `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const visit = (node: ts.Node): void => {
      if (
        ts.isCallExpression(node) &&
        ts.isIdentifier(node.expression) &&
        (node.expression.text === 't' || node.expression.text === 'msg')
      ) {
        const [first, second] = node.arguments;
        const isText = first && ts.isStringLiteralLike(first);
        if (
          first &&
          (ts.isTemplateExpression(first) ||
            (ts.isBinaryExpression(first) && first.operatorToken.kind === ts.SyntaxKind.PlusToken))
        )
          throw new Error(
            `${where(node)}: a sentence is put together from pieces, so nobody can translate it. Write it whole, with {{names}} for what is put in.`,
          );
        if (isText) {
          const context =
            propertyOf(second, 'context') ?? (second && ts.isStringLiteralLike(second) ? second : undefined);
          found.push({
            key: context && ts.isStringLiteralLike(context) ? `${first.text}_${context.text}` : first.text,
            counted: propertyOf(second, 'count') !== undefined,
            where: where(node),
          });
        }
      }
      if (
        ts.isJsxAttribute(node) &&
        node.name.getText() === 'says' &&
        node.initializer &&
        ts.isStringLiteral(node.initializer)
      )
        found.push({ key: node.initializer.text, counted: false, where: where(node) });
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

/** What an object literal has under a name; `{ count }` too. */
function propertyOf(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (!node || !ts.isObjectLiteralExpression(node)) return undefined;
  for (const property of node.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === name) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property) && property.name.text === name) return property.name;
  }
  return undefined;
}

/** Sentences that models/, kept/ and server/ hand to the page, which says them by t(…) of a variable. */
export function sentencesOfData(): Found[] {
  const effects = JSON.parse(readFileSync(join(root, 'models/pocket/effects.json'), 'utf8')) as {
    measured: string;
    effects: { what: string }[];
    notMeasured: { what: string }[];
  };
  const data: Record<string, readonly string[]> = {
    'models/decoders': decoders.flatMap(({ idea, trainedOn, noInsight, presets, options }) => [
      idea,
      trainedOn,
      ...(noInsight === undefined ? [] : [noInsight]),
      ...presets.flatMap(({ name, help }) => [name, help]),
      ...options.map(({ title }) => title),
      ...options.flatMap((option) =>
        option.kind === 'choice'
          ? option.choices.map((choice) => option.does[choice] ?? option.help)
          : option.kind === 'tokens'
            ? []
            : [option.help],
      ),
    ]),
    'models/pocket/effects.json': [
      effects.measured,
      ...effects.effects.map(({ what }) => what),
      ...effects.notMeasured.map(({ what }) => what),
    ],
    'kinds of checkpoints': importKindCards.flatMap(({ title, goodAt, files, shapes, options, licence, source }) => [
      title,
      goodAt,
      licence,
      source,
      ...files.map((file) => file.title),
      ...options.map(({ help }) => help),
      ...shapes.filter((shape) => !shape.includes('[')),
    ]),
    'published models': publishedModels.flatMap(({ title, goodAt, licence, note }) => [
      title,
      goodAt,
      licence,
      ...(note ? [note] : []),
    ]),
    'what an import is at': Object.values(importSteps),
    'whose word a licence is': Object.values(licenceSentences),
    'why the hub is asked once more': Object.values(waitReasons),
    'kept/ratings.ts': [...starWords, '{{stars}} of 5, {{word}}', 'given blind'],
    'kept/figure.ts': Object.values(figureWords),
    'models/certainty.ts': ['likely', 'unsure'],
  };
  return Object.entries(data).flatMap(([where, sentences]) => sentences.map((key) => ({ key, counted: false, where })));
}

/** Names of what is put into a sentence, and its tags, sorted. */
export const placeholdersOf = (sentence: string) =>
  [...sentence.matchAll(/\{\{\w+\}\}|<\/?\w+\/?>/g)].map(([name]) => name).sort();

/**
 * Texts of the page's source that read like a sentence for a person and are not marked as one. Those for programmers
 * (`new Error`, a code's own words) are left out.
 */
export function unmarkedSentences(): string[] {
  const unmarked: string[] = [];
  for (const { path, source } of pageFiles().filter((file) => !file.path.startsWith('app/api/'))) {
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
        const text = ts.isTemplateExpression(node) ? node.getText().slice(1, -1) : node.text;
        if (/^[\p{Lu}“].*\s.*[.!?…]$/su.test(text) && !isMarked(node))
          unmarked.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${text}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return unmarked;
}

function isMarked(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isJsxAttribute(parent)) return parent.name.getText() === 'says';
  if (ts.isCallExpression(parent) && ts.isIdentifier(parent.expression))
    return parent.expression.text === 't' || parent.expression.text === 'msg';
  // An error has a code, and the page says what that means (error-words.ts); what is put together cannot be translated
  // whole.
  if (ts.isNewExpression(parent))
    return (
      parent.expression.getText() === 'Error' ||
      (parent.expression.getText() === 'StudioError' && ts.isTemplateExpression(node))
    );
  return false;
}
