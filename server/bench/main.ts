import { StudioError } from '../../models/errors';
import { benchCocas } from './catalog/coca';
import { benchCatalog } from './catalog/main';
import { benchParity } from './parity/main';
import { benchPrecision } from './precision';
import { benchClip } from './clip/main';
import { checkFullGoldens } from './full-goldens';
import { benchImportLoad, describeImportLoad } from './import-load/main';
import { benchCollection, collectionParts, describeCollection } from './collection/main';
import { seedCollection } from './collection/seed';
import { benchGpu, describeGpu } from './gpu/main';
import { benchHistory, describeHistory, seedHistory } from './history';
import { benchPublished, publishedChild } from './published/main';
import { partNames } from './published/report';
import { benchSearch, describeSearch } from './search';
import { benchGraphs, describeGraphs, measureFootprint, measureSteps } from './graphs';

const usage = `Usage: npm run bench -- graphs [--json]      speed, memory and ratios of the step graphs
       npm run bench -- published [--json] [--only PARTS] [--dir DIR] [--tokenizers DIR] [--repeat N] [--photos N]
                                             the published decoders beside their authors' code (Python with torch, for CoCa with
                                             open_clip; STUDIO_PYTHON); CoCa's parity on N drawn photos (5);
                                             parts: ${partNames.join(', ')}
       npm run bench -- parity [--json] [--n N] [--photos DIR] [--full] [--only MODES] [--dir DIR] [--tokenizers DIR]
                                             captions of the named modes beside their authors' decoding in PyTorch: how many
                                             are equal (Python with torch, transformers and ftfy; STUDIO_PYTHON)
       npm run bench -- search [--json] [--rows N] [--dim D]
                                             the whole of a matrix in half precision (1,000,000 × 512) searched by cosine
       npm run bench -- clip [KINDS]         CLIP's towers at full size against PyTorch, imported from each layout of names
       npm run bench -- precision --images DIR|TAR --references FILE.jsonl [--limit N] [--family NAME]
                                             captions at fp32, half precision and 8 bit: scores, and how many stay the same
       npm run bench -- gpu [--device cuda|webgpu|cpu] [--precision fp32|fp16|q8] [--tiny] [--json]
                                             tokens and captions per second on the server's GPU, and whether it says what the
                                             CPU says
       npm run bench -- collection [--json] [--photos N] [--repeat N] [--only PARTS] [--data TAR]
                                             images a second one by one, as the last commit before collections does them, and as
                                             a collection; parts: ${collectionParts.join(', ')}
       npm run bench -- goldens DIR          full-size graphs against PyTorch (models/networks/goldens/make.py --full DIR)
       npm run bench -- history [N] [--json] opening the history of N comparisons (10000)
       npm run bench -- import-load [MB] [--json]
                                             health and a page while an import of MB (115) is read, the engine idle
       npm run bench -- catalog [coca [NAMES]]
                                             a pull of ClipCap and CLIP (coca: of all four CoCas, or of those that are named) in
                                             their real shapes, from a hub on this machine`;

async function main([what, ...rest]: string[]): Promise<void> {
  if (what === 'graphs-footprint') return print(JSON.stringify(await measureFootprint(rest[0] ?? '')));
  if (what === 'gpt2-steps') return print(JSON.stringify(await measureSteps(rest[0] ?? '')));
  if (what === 'published') return benchPublished();
  if (what === 'published-import' || what === 'published-ours' || what === 'published-coca')
    return publishedChild(what, rest);
  if (what === 'parity') return print(await benchParity(rest, (line) => process.stderr.write(`${line}\n`)));
  if (what === 'clip') return print(await benchClip(rest, (line) => process.stderr.write(`${line}\n`)));
  if (what === 'precision') return print(await benchPrecision(rest));
  if (what === 'gpu') {
    const report = await benchGpu(rest, (line) => process.stderr.write(`${line}\n`));
    return print(rest.includes('--json') ? JSON.stringify(report) : describeGpu(report));
  }
  if (what === 'collection') {
    const report = await benchCollection(rest, (line) => process.stderr.write(`${line}\n`));
    return print(rest.includes('--json') ? JSON.stringify(report) : describeCollection(report));
  }
  if (what === 'goldens' && rest[0]) return print((await checkFullGoldens(rest[0])).join('\n'));
  if (what === 'history') {
    const report = await benchHistory(Number(rest.find((argument) => /^\d+$/.test(argument)) ?? 10_000), (line) =>
      process.stderr.write(`${line}\n`),
    );
    return print(rest.includes('--json') ? JSON.stringify(report) : describeHistory(report));
  }
  if (what === 'search') {
    const number = (flag: string) => {
      const at = rest.indexOf(flag);
      return at < 0 ? undefined : Number(rest[at + 1]);
    };
    const report = await benchSearch({ rows: number('--rows'), dim: number('--dim') });
    return print(rest.includes('--json') ? JSON.stringify(report) : describeSearch(report));
  }
  if (what === 'import-load' && rest[0]) {
    const megabytes = Number(rest.slice(1).find((argument) => /^\d+$/.test(argument)) ?? 115);
    const report = await benchImportLoad(rest[0], megabytes, (line) => process.stderr.write(`${line}\n`));
    return print(rest.includes('--json') ? JSON.stringify(report) : describeImportLoad(report));
  }
  if (what === 'history-seed' && rest[0])
    return seedHistory(rest[0], Number(rest[1] ?? 10_000), (line) => process.stderr.write(`${line}\n`));
  if (what === 'collection-seed' && rest[0]) return print(await seedCollection(rest[0], Number(rest[1] ?? 10_000)));
  if (what === 'catalog') {
    const note = (line: string) => process.stderr.write(`${line}\n`);
    const [which, ...names] = rest;
    return print(JSON.stringify(await (which === 'coca' ? benchCocas(names, note) : benchCatalog(note)), null, 1));
  }
  const unknown = rest.find((argument) => argument !== '--json');
  if (what !== 'graphs' || unknown) {
    process.stderr.write(`${unknown ? `Unknown argument ${unknown}.\n` : ''}${usage}\n`);
    process.exitCode = 1;
    return;
  }
  const report = await benchGraphs((line) => process.stderr.write(`${line}\n`));
  print(rest.includes('--json') ? JSON.stringify(report) : describeGraphs(report));
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof StudioError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
});
