import type { Page } from '@playwright/test';

type Box = { top: number; left: number; right: number };
type Shift = PerformanceEntry & {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null; previousRect: Box; currentRect: Box }[];
};

/**
 * Watches what moves on the page by itself from now on. The words of a caption that is being written are put anew at
 * each step and may go to the next line of the room that is kept for them; what grows at one of its edges has not
 * moved. @returns the sum of all other layout shifts until it is asked
 */
export async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const shifts = ((window as unknown as { shifts: number[] }).shifts = []) as number[];
    const moved = ({ node, previousRect: before, currentRect: after }: Shift['sources'][number]) => {
      const element = node instanceof Element ? node : node?.parentElement;
      if (element?.closest('[data-testid=caption]')) return false;
      return before.top !== after.top || (before.left !== after.left && before.right !== after.right);
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[])
        if (!entry.hadRecentInput && entry.sources.some(moved)) shifts.push(entry.value);
    }).observe({ type: 'layout-shift' });
  });
  return () =>
    page.evaluate(() => (window as unknown as { shifts: number[] }).shifts.reduce((sum, value) => sum + value, 0));
}
