import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../models/errors';
import type { ShareBundle } from '../../kept/share-file';

/**
 * What comparisons in one HTML file bring along (`.studio/share-file.*`, server/engine/bundle.mjs). @throws internal
 * where it is missing
 */
export async function shareBundle(): Promise<ShareBundle> {
  const [script, style] = await Promise.all([bundled('js'), bundled('css')]);
  return { script, style, scriptHash: hashOf(script), styleHash: hashOf(style) };
}

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

async function bundled(kind: 'js' | 'css'): Promise<string> {
  const file = join(
    /* turbopackIgnore: true */ process.env.STUDIO_ROOT || process.cwd(),
    '.studio',
    `share-file.${kind}`,
  );
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StudioError(
      'internal',
      `${file} is missing. \`npm start\` and \`npm run studio\` make it; start them in the repository.`,
      { cause },
    );
  });
  // What would end the element must not be in it; esbuild writes scripts so.
  if (/<\/(script|style)/i.test(text)) throw new StudioError('internal', `${file} cannot stand in HTML.`);
  return text;
}
