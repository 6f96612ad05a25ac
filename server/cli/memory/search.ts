import { StudioError } from '../../../models/errors';
import { RowShare } from '../../../models/vectors/row-share';
import { count, engineSettings, text } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson } from '../io';
import { readPhoto } from '../photo';
import { spaceFlags, spaceHelp } from '../space-flags';
import { familyWord, memoryOf } from './read';

const { family: _, ...flags } = spaceFlags;
const fields: Fields = {
  query: 'what was searched for',
  'hits[].row': 'number of the sentence, from 0',
  'hits[].sentence': 'the sentence',
  'hits[].cosine': 'its cosine with the query',
};

export const search: Command = {
  summary: 'the sentences nearest to a text or a photo',
  help: `npm run -s studio -- memory search FAMILY --text "a dog runs" [flags]

What DeCap would read such an embedding through: the nearest sentences by cosine.

  --text T           a text
  --photo FILE       or a photo
  --top N            how many sentences are told   (10)
${spaceHelp.split('\n').slice(1).join('\n')}
  --json             machine-readable output

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, family } = familyWord(
      args,
      {
        ...flags,
        text: { type: 'string' },
        photo: { type: 'string' },
        top: { type: 'string' },
        json: { type: 'boolean' },
      },
      'memory search pocket --text "a dog runs"',
    );
    const [words, photo] = [text(values.text), text(values.photo)];
    if ((words === undefined) === (photo === undefined))
      throw new StudioError('option-invalid', 'Search for --text "words", or for --photo FILE: one of them.');
    const top = count('top', text(values.top)) ?? 10;
    const settings = engineSettings(values, io);
    const { embeddings, rows, sentences, manifest } = await memoryOf(family, values, io);
    const engine = await io.openEngine(settings);
    try {
      const query =
        words === undefined
          ? await engine.embedImage(family, await readPhoto(io, photo!))
          : (await engine.embedTexts(family, [words]))[0]!;
      const share = new RowShare(rows, manifest.space.dim, 'F32');
      share.put(0, embeddings);
      share.seal();
      const hits = share
        .search(query.values, top)
        .map(({ row, cosine }) => ({ row, sentence: sentences[row]!, cosine }));
      if (values.json) await sayJson(io, { query: words ?? photo, hits });
      else for (const { sentence, cosine } of hits) await say(io, `${cosine.toFixed(4).padStart(7)}  ${sentence}`);
      return 0;
    } finally {
      await engine.close();
    }
  },
};
