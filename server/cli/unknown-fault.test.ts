import { afterEach, describe, expect, it, vi } from 'vitest';
import { tellOnCommandLine } from '../errors/told';
import { inProcess } from './test-cli';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('a fault that nobody foresaw, on the command line', () => {
  const broken = () => Promise.reject(new TypeError("Cannot read properties of undefined (reading 'shape')"));
  const run = () => {
    vi.stubEnv('STUDIO_COMMAND_LINE', '');
    tellOnCommandLine();
    return inProcess(['devices'], { openEngine: broken });
  };

  it('is one sentence that says what to do, and no stack', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { status, out, err } = await run();
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(/^The studio met a fault of its own\..*STUDIO_DEBUG=1.*\n$/);
    expect(err).not.toMatch(/TypeError|undefined|\bat /);
    expect(log).not.toHaveBeenCalled();
  });

  it('shows what lies behind where it is asked for', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.stubEnv('STUDIO_DEBUG', '1');
    await run();
    expect(log).toHaveBeenCalledWith(expect.any(TypeError));
  });
});
