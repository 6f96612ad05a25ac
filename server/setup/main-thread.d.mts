import type { Browser, Page } from '@playwright/test';

export function traceMainThread(
  browser: Browser,
  page: Page,
  act: () => Promise<void>,
): Promise<{
  tasks: number;
  threadTimes: boolean;
  maxThreadMs: number;
  maxWallMs: number;
  overThread: number;
  overWall: number;
  busyMs: number;
}>;
