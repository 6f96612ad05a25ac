import type { Locator, Page } from '@playwright/test';

export const inspector = (page: Page): Locator => page.getByTestId('inspector');

/** Looks into a lane by the inspector, which stands beside the captions (on a narrow screen: is open). */
export async function look(page: Page, lane: string, tab?: string): Promise<Locator> {
  await inspector(page).getByLabel('Lane that is looked into').selectOption(lane);
  if (tab !== undefined) await inspector(page).getByRole('tab', { name: tab, exact: true }).click();
  return inspector(page).getByRole('tabpanel');
}

/** A lane's options, those behind "More" too. */
export async function optionsOf(
  page: Page,
  lane: string,
): Promise<{ panel: Locator; option: (name: string) => Locator }> {
  const panel = await look(page, lane, 'Options');
  await panel
    .locator('details')
    .first()
    .evaluate((more) => more.setAttribute('open', ''));
  return { panel, option: (name) => panel.locator(`[id="options-${lane}-${name}"]`) };
}
