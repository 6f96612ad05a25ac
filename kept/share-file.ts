import type { StreamItem } from './comparison';
import { escapeXml } from './escape';
import type { PersonCaption } from './fields';
import type { Frequencies } from './frequencies';
import type { ExportedComparison } from './record-schema';

/**
 * Script and style of the views (app/share-file, server/engine/bundle.mjs), each with its policy's name: `sha256-` and
 * base64.
 */
export type ShareBundle = { script: string; style: string; scriptHash: string; styleHash: string };

/**
 * Comparisons as one HTML file: the views' script and style and their data, inert. Its policy names the hashes of that
 * one script and
 * style, so nothing else in it can ever run, and it can ask nobody for anything.
 */
export function shareFile(
  comparisons: readonly (ExportedComparison & { frequencies?: Frequencies })[],
  { script, style, scriptHash, styleHash }: ShareBundle,
): string {
  const all = comparisons.map(({ comparison, picture, frequencies }) => {
    // The note is the owner's alone, and so is the embedding: much of a picture can be read from one.
    const {
      note: _note,
      picture: _digest,
      weightHashes: _weights,
      embedding: _embedding,
      said,
      ...shared
    } = comparison;
    return {
      shared: {
        ...shared,
        items: withoutEmbedding(shared.items),
        ...(said ? { said: saidToOthers(said) } : {}),
        ...(frequencies ? { frequencies } : {}),
      },
      ...(picture ? { picture: `data:${picture.mime};base64,${picture.base64}` } : {}),
    };
  });
  const title = all.length === 1 ? all[0]!.shared.title || 'One photo, side by side' : `${all.length} comparisons`;
  const policy = [
    "default-src 'none'",
    `script-src '${scriptHash}'`,
    `style-src '${styleHash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Caption Studio">
<title>${escapeXml(title)} · Caption Studio</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This file shows comparisons by a script that it brings along. Allow scripts to see them; it asks nobody for anything.</noscript></div>
<script type="application/json" id="comparisons">${inertJson(all)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** What a person said, for others' eyes: not by which owner of the studio. */
export const saidToOthers = (said: readonly PersonCaption[]): SharedCaption[] =>
  said.map(({ by: _by, ...shared }) => shared);
export type SharedCaption = Omit<PersonCaption, 'by'>;

/** The items for others' eyes: the values of the embedding are taken out, everything that draws a view stays. */
export function withoutEmbedding(items: readonly StreamItem[]): StreamItem[] {
  return items.map((item) => {
    if (item.kind !== 'event' || item.event.type !== 'encoded' || !item.event.values) return item;
    const { values: _values, ...event } = item.event;
    return { ...item, event };
  });
}

/** JSON that can stand in HTML: no character of it begins a tag or ends a line of a script. */
export const inertJson = (value: unknown) =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
