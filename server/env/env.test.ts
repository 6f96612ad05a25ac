import { describe, expect, it } from 'vitest';
import { addressRule, readEnv } from './env';
import { foreignRequest } from './same-origin';

describe('the environment', () => {
  it('has a default for everything, and takes empty for unset', () => {
    expect(readEnv({ DATABASE_URL: '', PORT: '' })).toMatchObject({
      DATABASE_URL: 'file:./data/studio.db',
      HOST: '127.0.0.1',
      PORT: 3000,
      STUDIO_DEVICE: 'auto',
      STUDIO_RUNNING: 2,
    });
  });
  it('names every bad variable', () => {
    expect(() => readEnv({ PORT: '70000', STUDIO_DEVICE: 'gpu', DATABASE_URL: 'postgres://x' })).toThrow(
      /PORT="70000".*STUDIO_DEVICE="gpu".*cuda|DATABASE_URL="postgres:\/\/x": expected file:PATH/s,
    );
  });
});

describe('addresses of pictures', () => {
  it('are fetched where the studio is its owner’s alone, and not where it is open, unless that is said', () => {
    const rule = (settings: Record<string, string>) => addressRule(readEnv(settings));
    expect(rule({})).toBe('public');
    expect(rule({ HOST: '0.0.0.0' })).toBe('off');
    expect(rule({ STUDIO_OWNERS: 'browser' })).toBe('off');
    expect(rule({ HOST: '0.0.0.0', STUDIO_ADDRESSES: 'public' })).toBe('public');
    expect(rule({ STUDIO_ADDRESSES: 'any' })).toBe('any');
    expect(rule({ STUDIO_ADDRESSES: 'off' })).toBe('off');
    expect(() => rule({ HOST: '0.0.0.0', STUDIO_ADDRESSES: 'any' })).toThrow(
      /STUDIO_ADDRESSES.*look into this network/,
    );
  });
});

describe('requests of other sites', () => {
  const ask = (headers: Record<string, string>, method = 'POST', listensOn = '127.0.0.1') =>
    foreignRequest(new Request('http://127.0.0.1:3000/api/trpc/x', { method, headers }), listensOn)?.code;
  const own = { host: '127.0.0.1:3000' };

  it('may not change anything', () => {
    expect(ask({ ...own, origin: 'http://evil.example' })).toBe('forbidden');
    expect(ask({ ...own, origin: 'http://127.0.0.1:4000' })).toBe('forbidden');
    expect(ask({ ...own, origin: 'null' })).toBe('forbidden');
    expect(ask({ ...own, 'sec-fetch-site': 'cross-site' })).toBe('forbidden');
    expect(ask({ ...own, 'sec-fetch-site': 'same-site' })).toBe('forbidden');
  });
  it('are told from the own page and from programs', () => {
    expect(ask({ ...own, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    expect(ask({ host: '[::1]:3000', origin: 'http://[::1]:3000' })).toBeUndefined();
    expect(ask(own)).toBeUndefined();
    expect(ask({ ...own, origin: 'http://evil.example' }, 'GET')).toBeUndefined();
  });
  it('cannot reach the loopback under a name of their own', () => {
    expect(ask({ host: 'evil.example:3000', origin: 'http://evil.example:3000' }, 'GET')).toBe('forbidden');
    expect(ask({ host: 'studio.lan:3000' }, 'GET', '0.0.0.0')).toBeUndefined();
  });
});
