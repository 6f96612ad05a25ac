import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../models/errors';
import { escapeXml } from './figure';
import type { ExportedComparison } from './record';

/**
 * A comparison as one HTML file: the views' script and style (`.studio/share-file.*`, server/engine/bundle.mjs) and its data, inert. Its
 * policy names the hashes of that one script and style, so nothing else in it can ever run, and it can ask nobody for anything.
 * @throws internal where the bundle is missing
 */
export async function shareFile({ comparison, picture }: ExportedComparison): Promise<string> {
  const [script, style] = await Promise.all([bundled('js'), bundled('css')]);
  // The note is the owner's alone.
  const { note: _note, picture: _digest, weightHashes: _weights, embedding: _embedding, ...shared } = comparison;
  const data = inertJson({ shared, ...(picture ? { picture: `data:${picture.mime};base64,${picture.base64}` } : {}) });
  const policy = ["default-src 'none'", `script-src '${hashOf(script)}'`, `style-src '${hashOf(style)}'`, 'img-src data:', "base-uri 'none'", "form-action 'none'"].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Caption Studio">
<title>${escapeXml(shared.title || 'One photo, side by side')} · Caption Studio</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This file shows a comparison by a script that it brings along. Allow scripts to see it; it asks nobody for anything.</noscript></div>
<script type="application/json" id="comparison">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that can stand in HTML: no character of it begins a tag or ends a line of a script. */
export const inertJson = (value: unknown) => JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

async function bundled(kind: 'js' | 'css'): Promise<string> {
  const file = join(/* turbopackIgnore: true */ process.env.STUDIO_ROOT || process.cwd(), '.studio', `share-file.${kind}`);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StudioError('internal', `${file} is missing. \`npm start\` and \`npm run studio\` make it; start them in the repository.`, { cause });
  });
  // What would end the element must not be in it; esbuild writes scripts so.
  if (/<\/(script|style)/i.test(text)) throw new StudioError('internal', `${file} cannot stand in HTML.`);
  return text;
}
