import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Windows: a desk's, a tablet's, a phone's. */
const sizes = {
  wide: { width: 1440, height: 900 },
  middle: { width: 768, height: 1024 },
  narrow: { width: 360, height: 780 },
} as const;

/** axe finds nothing in what the page shows now. `name`: the page and its state, for whoever reads a failure. */
export async function expectAccessible(page: Page, name = page.url()): Promise<void> {
  // No page here has frames of other origins, for which axe would open a page of its own and send it all it found: two
  // thirds of the time. What is in order is not collected, which is much of the rest.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    name,
  ).toEqual([]);
}

/** The page is not wider than its window. */
export async function expectFits(page: Page, name = page.url()): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, name).toBeLessThanOrEqual(0);
}

/** Both at several sizes: nothing sticks out of any, and axe finds nothing at those of `audited`. */
export async function expectClean(
  page: Page,
  name: string,
  audited: readonly (keyof typeof sizes)[] = ['wide', 'narrow'],
): Promise<void> {
  for (const size of ['wide', 'middle', 'narrow'] as const) {
    await page.setViewportSize(sizes[size]);
    await expectFits(page, `${name}, ${size}`);
    if (audited.includes(size)) await expectAccessible(page, `${name}, ${size}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}
