import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as z from 'zod';
import { joinCaptions } from '../../../kept/captions/join';
import type { CaptionedImage } from '../../../kept/captions/types';
import { candidatesIn } from '../../../kept/captions/read';
import { decoderWords } from '../../../models/decoders/words';
import { StudioError } from '../../../models/errors';
import { score } from '../../../models/metrics/score';
import { told } from '../../errors/told';
import { captionLines, captionRecord, gather } from '../lane-output';
import { lanesOf } from '../lanes';
import { readCaptionFile, readReferenceImages } from '../references';
import type { Workshop } from './workshop';

const family = z.string().max(64).optional().describe('A family that is installed; default: pocket, or --family');
const picture = {
  path: z.string().optional().describe('A file of this machine'),
  base64: z.string().optional().describe('The picture’s file in base64, in place of a path'),
};
const captionsByImage = z.record(z.string().max(1_000), z.union([z.string(), z.array(z.string())]));

/** What a tool answers: words for whoever reads along, the same as values. */
const answer = (text: string, structuredContent: Record<string, unknown>) => ({
  content: [{ type: 'text' as const, text }],
  structuredContent,
});

/** Runs a tool; what goes wrong is told as the studio tells it, and the server goes on. */
async function tried(work: () => Promise<ReturnType<typeof answer>>) {
  try {
    return await work();
  } catch (error) {
    const { code, message } = told(error);
    return { content: [{ type: 'text' as const, text: `${message} (${code})` }], isError: true };
  }
}

/** The studio's tools, each the function that the command line calls. */
export function addTools(server: McpServer, workshop: Workshop): void {
  const { io } = workshop;
  const readOnly = { readOnlyHint: true, openWorldHint: false };

  server.registerTool(
    'caption',
    {
      title: 'Caption a picture',
      description:
        'Captions a picture by several decoders of a CLIP-like space, each with the cosine of its caption and the picture.',
      inputSchema: {
        ...picture,
        decoders: z.array(z.string().max(64)).optional().describe('Default: all that the family has'),
        options: z
          .record(z.string(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
          .optional()
          .describe(`By decoder, for example {"${decoderWords[1]!.name}": {"beam": 3}}`),
        family,
      },
      annotations: readOnly,
    },
    ({ path, base64, decoders, options, family: named }, { signal }) =>
      tried(async () => {
        const wanted = workshop.familyOf(named);
        const flags = Object.entries(options ?? {}).flatMap(([decoder, own]) =>
          Object.entries(own).map(([name, value]) => `${decoder}.${name}=${value}`),
        );
        const lanes = lanesOf(
          { option: flags, ...(decoders?.length ? { decoder: decoders.join(',') } : {}) },
          await workshop.manifest(wanted),
        );
        const input = { kind: 'image' as const, image: await workshop.picture({ path, base64 }) };
        const said = await gather((await workshop.engine()).compare({ family: wanted, input, lanes }, { signal }));
        return answer(captionLines(said.lanes).join('\n'), captionRecord(path ?? '', said, { reason: false }));
      }),
  );

  server.registerTool(
    'embed',
    {
      title: 'Embed a picture or a text',
      description: 'The raw embedding of a picture or a text in a family’s joint space.',
      inputSchema: { ...picture, text: z.string().min(1).max(2_000).optional(), family },
      annotations: readOnly,
    },
    ({ path, base64, text, family: named }) =>
      tried(async () => {
        const wanted = workshop.familyOf(named);
        const engine = await workshop.engine();
        const given = path !== undefined || base64 !== undefined;
        if (given === (text !== undefined))
          throw new StudioError('option-invalid', 'Expected one input: a path, base64 or a text.');
        const { space, modality, state, values } = given
          ? await engine.embedImage(wanted, await workshop.picture({ path, base64 }))
          : (await engine.embedTexts(wanted, [text!]))[0]!;
        const json = { space, modality, state, dim: values.length, values: Array.from(values) };
        return answer(`${modality} embedding of ${space}, ${values.length} values`, json);
      }),
  );

  server.registerTool(
    'search',
    {
      title: 'Search embeddings',
      description:
        'Rows of a matrix of embeddings (what `embed COLLECTION --out FILE.npy` wrote) nearest to a text or a picture, by exact cosine.',
      inputSchema: {
        vectors: z.string().describe('The .npy file of this machine'),
        ...picture,
        text: z.string().min(1).max(2_000).optional(),
        top: z.number().int().min(1).max(1_000).default(10),
        family,
      },
      annotations: readOnly,
    },
    ({ vectors, path, base64, text, top, family: named }) =>
      tried(async () => {
        const wanted = workshop.familyOf(named);
        const given = path !== undefined || base64 !== undefined;
        if (given === (text !== undefined))
          throw new StudioError('option-invalid', 'Expected one thing to search for: a path, base64 or a text.');
        const { space } = await workshop.manifest(wanted);
        const engine = await workshop.engine();
        const query = given
          ? await engine.embedImage(wanted, await workshop.picture({ path, base64 }))
          : (await engine.embedTexts(wanted, [text!]))[0]!;
        const hits = await workshop.vectors.search(vectors, async ({ matrix, keys }, index) => {
          matrix.demand(space);
          const found = await index.search(query.values, top);
          return found.map(({ row, cosine }) => ({ key: keys.of(row), row, cosine }));
        });
        return answer(hits.map(({ key, cosine }) => `${cosine.toFixed(4)}  ${key}`).join('\n'), { hits });
      }),
  );

  server.registerTool(
    'score',
    {
      title: 'Score captions',
      description:
        'BLEU, ROUGE-L and CIDEr-D of captions against references, as the COCO evaluation computes them. Both as files of this machine in any layout that the field writes, or as objects by image.',
      inputSchema: {
        candidates: z.union([z.string(), captionsByImage]).describe('A file, or {"image": "caption"}'),
        references: z.union([z.string(), captionsByImage]).describe('A file, or {"image": ["caption", "caption"]}'),
        lane: z.string().optional().describe('Of a file with captions by several decoders: this one'),
      },
      annotations: readOnly,
    },
    ({ candidates, references, lane }) =>
      tried(async () => {
        const lists = (given: z.infer<typeof captionsByImage>): CaptionedImage[] =>
          Object.entries(given).map(([name, said]) => ({
            names: [name],
            ids: [name],
            captions: typeof said === 'string' ? [said] : said,
            where: `"${name}"`,
          }));
        const right = typeof references === 'string' ? await readReferenceImages(io, references) : lists(references);
        const lanes =
          typeof candidates === 'string'
            ? candidatesIn(candidates, await readCaptionFile(io, candidates), lane)
            : new Map([['', lists(candidates)]]);
        const scores: Record<string, unknown> = {};
        const said: string[] = [];
        for (const [name, own] of lanes) {
          const { items, notes } = joinCaptions(own, right);
          const all = score(items, 'ptb');
          scores[name || 'scores'] = all;
          said.push(...notes, `${name ? `${name}: ` : ''}${JSON.stringify(all)}`);
        }
        return answer(said.join('\n'), scores);
      }),
  );
}
