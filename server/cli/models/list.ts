import { amount } from '../../../models/units';
import { inEnglish } from '../../../models/said';
import { licenceSaid } from '../../../models/weights/import/licence';
import { freeBytes } from '../../families/disk';
import { importKindCards, publishedModels } from '../../families/published';
import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson } from '../io';
import { catalogOf } from './catalog';

const fields: Fields = {
  'families[].name': 'an installed family',
  'families[].folder': 'where it lies',
  'families[].embedded': 'whether it ships with the studio',
  'families[].bytes': 'what it takes on the disk',
  'families[].problem': 'why it cannot be used',
  'families[].space': 'its embedding space',
  'families[].dim': 'how many values an embedding there has',
  'families[].decoders[]': 'its decoders',
  'families[].licence': 'its terms',
  'unfinished[].*': 'a pull that was begun: name, what of it arrived, and how to go on',
  'published[].*': 'a published model that can be pulled: name, licence, files',
  'kinds[].*': 'a kind of checkpoint that can be imported: files, shapes, options',
  'hub.endpoint': 'where models are pulled from',
  'hub.hasToken': 'whether HF_TOKEN is set',
  'disk.folder': 'where families are kept',
  'disk.usedBytes': 'what they take',
  'disk.freeBytes': 'what is free there',
};

export const listModels: Command = {
  summary: 'what is installed, and what can be pulled or imported',
  help: `npm run -s studio -- models list [--json]

Installed families with their disk use, pulls that were begun and not finished, the published models that can be pulled, and the kinds
of checkpoints that can be imported from files. Asks nobody: sizes on the hub are known once a pull begins.

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values } = parse(args, { json: { type: 'boolean' } }, { positionals: 0 });
    const { store, hub } = catalogOf(io);
    const [families, unfinished, used, free] = await Promise.all([
      store.list(),
      store.unfinished(),
      store.bytesUsed(),
      freeBytes(store.dirs.installed),
    ]);
    if (values.json) {
      const installed = families.map(({ manifest, ...family }) => ({
        ...family,
        ...(manifest
          ? {
              space: manifest.space.name,
              dim: manifest.space.dim,
              decoders: Object.keys(manifest.decoders),
              licence: manifest.licence,
            }
          : {}),
      }));
      await sayJson(io, {
        families: installed,
        unfinished,
        published: publishedModels,
        kinds: importKindCards,
        hub: { endpoint: hub.endpoint, hasToken: Boolean(hub.token) },
        disk: { folder: store.dirs.installed, usedBytes: used, freeBytes: free },
      });
      return 0;
    }
    const names = new Set(families.map(({ name }) => name));
    const lines = ['Installed'];
    for (const { name, embedded, bytes, manifest, problem } of families)
      lines.push(
        `  ${name.padEnd(26)} ${amount(bytes).padStart(8)}  ` +
          `${problem ? `cannot be used: ${problem}` : `${manifest!.space.name} (${manifest!.space.dim}); ${Object.keys(manifest!.decoders).join(', ') || 'no decoder: a space for others to join'}`}${embedded ? '; embedded' : ''}`,
      );
    for (const { name, published, received, bytes } of unfinished)
      lines.push(
        `  ${name.padEnd(26)} ${amount(received).padStart(8)}  of ${amount(bytes)} pulled; \`models pull ${published}\` goes on, \`models remove ${name}\` throws it away`,
      );
    lines.push('', `Published (models pull NAME, from ${hub.endpoint})`);
    for (const { name, title, goodAt, needs, files, kind, ...licence } of publishedModels) {
      lines.push(`  ${name.padEnd(26)} ${title}${names.has(name) ? ' (installed)' : ''}`);
      lines.push(
        `  ${''.padEnd(26)} ${goodAt}${needs ? ` Needs ${needs}.` : ''} Licence: ${inEnglish(licenceSaid(licence))}.${files.length ? '' : ` Not on the hub: import it (${kind}).`}`,
      );
    }
    lines.push('', 'From files (models import KIND FILE...)');
    for (const { id, title } of importKindCards) lines.push(`  ${id.padEnd(26)} ${title}`);
    lines.push('', `${amount(used)} used in ${store.dirs.installed}, ${amount(free)} free.`);
    await say(io, lines.join('\n'));
    return 0;
  },
};
