import { expect } from '@playwright/test';
import type { ComparisonView } from '../kept/comparison';
import { ServerClient } from './server-client';
import { test } from './studio';

// The production server on a device that takes 60 ms for every model run (STUDIO_SLOW_STEP_MS, e2e/studio.ts).
test.describe('streaming from the production server', () => {
  test('the first token of a caption arrives before its last step begins', async ({ baseURL }) => {
    const server = new ServerClient(baseURL!);
    const { id } = await server.create({ input: { kind: 'sample' }, lanes: [{ decoder: 'clipcap' }] });
    const steps: { arrived: number; made: number }[] = [];
    for await (const { arrived, item } of server.events(id))
      if (item.kind === 'event' && item.event.type === 'step') steps.push({ arrived, made: item.at });
    expect(steps.length).toBeGreaterThan(3);
    const [first, last] = [steps[0]!, steps.at(-1)!];
    // Nothing on the way collects tokens: they arrive at the pace at which they are made.
    expect(last.arrived - first.arrived).toBeGreaterThan(0.6 * (last.made - first.made));
    expect(last.made - first.made).toBeGreaterThan(60 * (steps.length - 2));
    // The last step itself took at least one slowed run, so it began that much earlier than it arrived.
    expect(first.arrived).toBeLessThan(last.arrived - 60);
  });

  test('closing the connection cancels the work', async ({ baseURL }) => {
    const server = new ServerClient(baseURL!);
    const { id } = await server.create({ input: { kind: 'sample' } });
    for await (const { item } of server.events(id)) if (item.kind === 'event' && item.event.type === 'step') break;
    await expect
      .poll(async () => (await server.query<ComparisonView>('comparison.get', { id })).status, { timeout: 20_000 })
      .toBe('cancelled');
  });
});
