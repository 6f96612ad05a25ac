import { npyHeader } from '../../../models/files/npy';
import { StudioError } from '../../../models/errors';
import { norm } from '../../../models/spaces/embedding';
import { readMap } from '../../../models/vectors/map-file';
import type { Matrix } from '../../../models/vectors/matrix';
import { type LinearMap, mapped } from '../../../models/vectors/ridge';
import { DocumentFile } from '../../files/document';
import { readBytes } from '../../files/read-bytes';
import { openMatrix } from '../../vectors/open-matrix';
import { parse, text } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { nameOf, sayJson, tell } from '../io';

const fields: Fields = {
  out: 'the file of the mapped vectors',
  rows: 'how many there are',
  dim: 'values of each',
  space: 'the space that they are of now',
  lost: 'rows that were no vectors (NaN, infinity, zeros), and are NaN',
};

export const apply: Command = {
  summary: 'maps vectors into the space that a map leads to',
  help: `npm run -s studio -- map apply FOREIGN --map MAP.safetensors --out OUT.npy [flags]

Writes a row for each row of FOREIGN, in its order, for \`decode\`, \`search\` and \`classify\`; where the rows have keys, OUT.keys.json beside it
has them too. Rows that are no vectors stay in their place as NaN. Read and written in slices.

  --map MAP          what \`map fit\` wrote
  --out OUT          a .npy
  --keys LIST        what the rows are called: a .json list, or a key a line
  --json             machine-readable output

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(
      args,
      { map: { type: 'string' }, out: { type: 'string' }, keys: { type: 'string' }, json: { type: 'boolean' } },
      { positionals: 1 },
    );
    const [foreign] = positionals;
    const [mapFile, out] = [text(values.map), text(values.out)];
    if (foreign === undefined || mapFile === undefined || out === undefined)
      throw new StudioError(
        'option-invalid',
        'Name all three: map apply FOREIGN.npy --map MAP.safetensors --out OUT.npy',
      );
    if (!/\.npy$/i.test(out))
      throw new StudioError('option-invalid', `--out ${out}: expected a name that ends in .npy.`);
    const { map, space } = readMap(nameOf(mapFile), await readBytes(io, mapFile));
    const open = await openMatrix(io, foreign, text(values.keys));
    const files: DocumentFile[] = [];
    try {
      const { matrix, keys } = open;
      if (matrix.dim !== map.from)
        throw new StudioError(
          'embedding-mismatch',
          `${matrix.name} has ${matrix.dim} values; the map ${nameOf(mapFile)} reads ${map.from}. It was fitted on another space.`,
        );
      const array = await DocumentFile.open(io, out);
      files.push(array);
      const list = keys.named ? await DocumentFile.open(io, out.replace(/\.npy$/i, '.keys.json')) : undefined;
      if (list) files.push(list);
      const lost = { rows: 0 };
      await array.replace(mappedRows(matrix, map, lost));
      await list?.replace([
        `${JSON.stringify(
          Array.from({ length: matrix.rows }, (_, row) => keys.of(row)),
          null,
          1,
        )}\n`,
      ]);
      if (lost.rows) tell(io, `${lost.rows} rows are no vectors (NaN, infinity or zeros) and are NaN in ${out}.`);
      if (values.json) await sayJson(io, { out, rows: matrix.rows, dim: map.to, space, lost: lost.rows });
      else tell(io, `${out}: ${matrix.rows} × ${map.to} vectors of ${space}`);
      return 0;
    } finally {
      for (const file of files) await file.close();
      open.close();
    }
  },
};

const sliceRows = 1024;

function* mappedRows(matrix: Matrix, map: LinearMap, lost: { rows: number }): Generator<Uint8Array> {
  yield npyHeader([matrix.rows, map.to]);
  for (let from = 0; from < matrix.rows; from += sliceRows) {
    const count = Math.min(sliceRows, matrix.rows - from);
    const values = matrix.slice(from, count);
    const out = new Float32Array(count * map.to);
    for (let i = 0; i < count; i++) {
      const row = values.subarray(i * matrix.dim, (i + 1) * matrix.dim);
      const length = norm(row);
      const whole = length > 0 && Number.isFinite(length);
      if (!whole) lost.rows++;
      out.set(
        whole
          ? mapped(
              map,
              row.map((value) => value / length),
            )
          : new Float32Array(map.to).fill(NaN),
        i * map.to,
      );
    }
    yield new Uint8Array(out.buffer);
  }
}
