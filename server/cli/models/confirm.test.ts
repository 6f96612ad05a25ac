import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from './confirm';

const never = new AbortController().signal;

/** A terminal at which somebody types once the question stands there. */
function typing(keys: string | null) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    if (!shown.includes('[y/N]') && `${shown}${chunk.toString()}`.includes('[y/N]')) {
      if (keys === null) input.end();
      else input.write(keys);
    }
    shown += chunk.toString();
  });
  return { terminal: { stdin: input, stderr: output, signal: never }, shown: () => shown };
}

describe('the question before a download', () => {
  it.each(['y\r', 'YES\r', ' yes \r'])('takes %j for a yes', async (keys) => {
    const { terminal, shown } = typing(keys);
    await confirm('Download this?', false, terminal);
    expect(shown()).toContain('Download this? [y/N] ');
  });

  it.each([['\r'], ['n\r'], ['yesterday\r'], ['\u0003'], ['\u0004'], [null]])('takes %j for a no', async (keys) => {
    await expect(confirm('Download this?', false, typing(keys).terminal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('is not asked where --yes was said, and not to a pipe', async () => {
    const { terminal, shown } = typing('n\r');
    await confirm('Download this?', true, terminal);
    expect(shown()).toBe('');
    await expect(
      confirm('Download this?', false, { stdin: new PassThrough(), stderr: new PassThrough(), signal: never }),
    ).rejects.toMatchObject({ code: 'option-invalid', message: expect.stringContaining('--yes') as string });
  });
});
