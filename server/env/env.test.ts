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

describe('the public origin', () => {
  const origin = (STUDIO_ORIGIN: string) => readEnv({ STUDIO_ORIGIN }).STUDIO_ORIGIN;
  it('is kept as browsers send it', () => {
    expect(origin('')).toBeUndefined();
    expect(origin('https://Captions.Example:443/')).toBe('https://captions.example');
    expect(origin('http://studio.lan:8080')).toBe('http://studio.lan:8080');
  });
  it('is told what it lacks', () => {
    for (const bad of [
      'captions.example',
      'https://a.example/studio',
      'https://u:p@a.example',
      'ftp://a',
      'https://*.a.example',
    ])
      expect(() => origin(bad)).toThrow(/STUDIO_ORIGIN=.*expected http:\/\/ or https:\/\/.*captions\.example/);
  });
  it('opens the studio: no addresses of this network', () => {
    const open = { STUDIO_ORIGIN: 'https://captions.example' };
    expect(addressRule(readEnv(open))).toBe('off');
    expect(() => readEnv({ ...open, STUDIO_ADDRESSES: 'any' })).toThrow(/STUDIO_ADDRESSES.*look into this network/);
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
  const ask = (headers: Record<string, string>, method = 'POST', HOST = '127.0.0.1', STUDIO_ORIGIN?: string) =>
    foreignRequest(new Request('http://127.0.0.1:3000/api/trpc/x', { method, headers }), { HOST, STUDIO_ORIGIN })?.code;
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
  it('behind a proxy are those of any origin but the public one, whatever Host says', () => {
    const here = 'https://captions.example';
    const proxied = (headers: Record<string, string>, method = 'POST') => ask(headers, method, '127.0.0.1', here);
    // nginx's defaults: Host is the upstream's.
    expect(proxied({ ...own, origin: here, 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    expect(proxied({ host: 'captions.example', origin: here })).toBeUndefined();
    expect(proxied({ host: 'captions.example' }, 'GET')).toBeUndefined();
    expect(proxied(own)).toBeUndefined();
    expect(proxied({ ...own, origin: 'http://captions.example' })).toBe('forbidden');
    // A page of another program on the visitor's own machine.
    expect(proxied({ ...own, origin: 'http://127.0.0.1:3000' })).toBe('forbidden');
    expect(proxied({ ...own, origin: here, 'sec-fetch-site': 'cross-site' })).toBe('forbidden');
    expect(proxied({ host: 'evil.example' }, 'GET')).toBe('forbidden');
  });
});
