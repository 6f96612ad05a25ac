import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess, program } from '../test-cli';

// The SDK's own client starts the command as an agent does.
const folder = mkdtempSync(join(tmpdir(), 'studio-mcp-'));
const client = new Client({ name: 'test', version: '1' });
const noise: string[] = [];
let transport: StdioClientTransport;
beforeAll(async () => {
  for (const [name, colour] of Object.entries({ grass: '#4c8b3b', sea: '#2a6fb0', snow: '#f2f5f8' }))
    await sharp({ create: { width: 320, height: 240, channels: 3, background: colour } })
      .png()
      .toFile(join(folder, `${name}.png`));
  transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, 'mcp'],
    cwd: folder,
    env: { ...(process.env as Record<string, string>), STUDIO_DEVICE: 'cpu' },
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (data: Buffer) => noise.push(data.toString()));
  await client.connect(transport);
});
afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = async (name: string, args: Record<string, unknown>) =>
  (await client.callTool({ name, arguments: args })) as {
    content: { text: string }[];
    structuredContent?: Record<string, unknown>;
    isError?: boolean;
  };

describe('tools for agents', () => {
  it('are listed with what they take', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['caption', 'embed', 'search', 'score']);
    for (const { description, inputSchema } of tools) {
      expect(description!.length).toBeGreaterThan(40);
      expect(Object.keys(inputSchema.properties!).length).toBeGreaterThan(2);
    }
  });

  it('caption a picture of the disk as the command line does, and one in base64', async () => {
    const { structuredContent } = await call('caption', { path: 'grass.png', decoders: ['clipcap', 'decap'] });
    const said = (structuredContent!.captions as { caption: string }[]).map(({ caption }) => caption);
    const { out } = await inProcess(['caption', join(folder, 'grass.png'), '--decoder', 'clipcap,decap', '--json']);
    expect(said).toEqual((JSON.parse(out) as { captions: { caption: string }[] }).captions.map((it) => it.caption));
    const base64 = (await sharp(join(folder, 'grass.png')).toBuffer()).toString('base64');
    const again = await call('caption', { base64, decoders: ['clipcap'], options: { clipcap: { beam: 5 } } });
    expect((again.structuredContent!.captions as { caption: string }[])[0]!.caption).toBe(said[0]);
  });

  it('search what embed wrote of a folder', async () => {
    const vectors = join(folder, 'all.npy');
    expect((await inProcess(['embed', folder, '--out', vectors])).status).toBe(0);
    const { structuredContent } = await call('search', { vectors: 'all.npy', path: 'sea.png', top: 2 });
    const hits = structuredContent!.hits as { key: string; cosine: number }[];
    expect(hits).toHaveLength(2);
    expect(hits[0]!.key).toMatch(/sea\.png$/);
    expect(hits[0]!.cosine).toBeCloseTo(1, 3);
    const text = await call('search', { vectors: 'all.npy', text: 'green grass' });
    expect(text.structuredContent!.hits).toHaveLength(3);
  });

  it('embed texts, and score captions against references', async () => {
    const { structuredContent: embedded } = await call('embed', { text: 'a dog on grass' });
    expect(embedded!.values).toHaveLength(embedded!.dim as number);
    const { structuredContent: scored } = await call('score', {
      candidates: { a: 'a dog runs on the grass', b: 'two men in a boat' },
      references: { a: ['a dog runs on the grass'], b: ['two men sit in a boat', 'men on a lake'] },
    });
    expect((scored!.scores as { bleu1: number }).bleu1).toBeGreaterThan(0.9);
  });

  it.each([
    ['caption', { path: 'nothing.png' }, /nothing\.png/],
    ['caption', { path: 'grass.png', base64: 'AAAA' }, /either path or base64/],
    ['caption', { path: 'grass.png', decoders: ['gpt'] }, /gpt/],
    ['search', { vectors: 'none.npy', text: 'a' }, /none\.npy/],
    ['embed', {}, /Expected one input/],
    ['score', { candidates: 'no.json', references: {} }, /no\.json/],
  ])('%s says in words what was wrong with %j, and goes on', async (name, args, words) => {
    const answer = await call(name, args);
    expect(answer.isError).toBe(true);
    expect(answer.content[0]!.text).toMatch(words);
    expect(answer.content[0]!.text).not.toMatch(/\bat .*:\d+:\d+/);
  });

  it('write nothing but the protocol, and end with their input', async () => {
    const { pid } = transport;
    await client.close();
    await expect.poll(() => alive(pid!), { timeout: 15_000 }).toBe(false);
    expect(noise.join('')).toBe('');
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
