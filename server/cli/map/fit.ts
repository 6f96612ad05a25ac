import { StudioError } from '../../../models/errors';
import { fitMap } from '../../../models/vectors/fit-map';
import { writeMap } from '../../../models/vectors/map-file';
import { DocumentFile } from '../../files/document';
import { openMatrix, type OpenMatrix } from '../../vectors/open-matrix';
import { pairsOf } from '../../vectors/pairs';
import { familySettings, parse, text } from '../args';
import type { Command } from '../command';
import { readFamily } from '../../weights/read-family';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson, tell } from '../io';

const fields: Fields = {
  out: 'the file of the map',
  from: 'values of a foreign vector',
  to: "values of one of the family's space",
  space: 'the space that it leads to',
  pairs: 'pairs that it was fitted on',
  lambda: 'how much large weights are punished, chosen on pairs that were set aside',
  heldOut: 'pairs that were held out to tell how good it is',
  heldOutCosine: 'their mean cosine: mapped vector and the one that it should be',
  meanCosine: 'the same of always answering the mean, which a map must beat',
  heldOutRecall1: 'share of them that are nearest to their own partner among all held out',
};

export const fit: Command = {
  summary: 'fits one on vectors of the same things in both spaces',
  help: `npm run -s studio -- map fit FOREIGN OURS --out MAP.safetensors [flags]

Ridge regression from the vectors of FOREIGN (.npy, .json, .safetensors) to those of OURS, which \`embed\` writes: both of the same photos or
texts, paired by their keys (NAME.keys.json beside them), else in their order. A tenth of the pairs is held out, and their mean cosine is told;
a fifth chooses lambda. As a rule of thumb give ten times as many pairs as vectors have values; fewer than 20 are refused.

  --out MAP          where the map goes, a .safetensors
  --family NAME      the family whose space OURS is of   (pocket)
  --from-keys LIST   what the rows of FOREIGN are called: a .json list, or a key a line
  --to-keys LIST     the same of OURS
  --families-dir DIR folder of the embedded families   (models)
  --json             machine-readable output

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(
      args,
      {
        out: { type: 'string' },
        family: { type: 'string' },
        'families-dir': { type: 'string' },
        'from-keys': { type: 'string' },
        'to-keys': { type: 'string' },
        json: { type: 'boolean' },
      },
      { positionals: 2 },
    );
    const [foreign, ours] = positionals;
    const out = text(values.out);
    if (foreign === undefined || ours === undefined || out === undefined)
      throw new StudioError(
        'option-invalid',
        'Name both matrices and the map: map fit FOREIGN.npy OURS.npy --out MAP.safetensors',
      );
    if (!/\.safetensors$/i.test(out))
      throw new StudioError('option-invalid', `--out ${out}: expected a name that ends in .safetensors.`);
    const { manifest } = await readFamily(text(values.family) ?? 'pocket', familySettings(values, io));
    const opened: OpenMatrix[] = [];
    const file = await DocumentFile.open(io, out);
    try {
      const open = async (name: string, keys: string | undefined) => {
        const matrix = await openMatrix(io, name, keys);
        opened.push(matrix);
        return matrix;
      };
      const [from, to] = [await open(foreign, text(values['from-keys'])), await open(ours, text(values['to-keys']))];
      to.matrix.demand(manifest.space);
      const { pairs, tell: said } = pairsOf(from, to);
      for (const line of said) tell(io, line);
      const fitted = fitMap(pairs, (what) => io.stderr.isTTY && tell(io, what));
      for (const line of fitted.notes) tell(io, line);
      await file.replace([writeMap(fitted, manifest.space.name)]);
      const { map, notes: _, ...rest } = fitted;
      const report = { out, from: map.from, to: map.to, space: manifest.space.name, ...rest };
      if (values.json) await sayJson(io, report);
      else
        await say(
          io,
          `${out}: ${map.from} → ${map.to} values of ${report.space}, fitted on ${report.pairs} pairs (lambda ${report.lambda})
held-out cosine ${report.heldOutCosine.toFixed(4)} on ${report.heldOut} pairs; always answering the mean has ${report.meanCosine.toFixed(4)}
${(100 * report.heldOutRecall1).toFixed(1)} % of them are nearest to their own partner`,
        );
      return 0;
    } finally {
      await file.close();
      for (const matrix of opened) matrix.close();
    }
  },
};
