import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@playwright/test';
import { finished, picture } from './browser-pictures';
import { test } from './studio';

// On a server that may fetch from its own machine (STUDIO_ADDRESSES=any in e2e/studio.ts); others refuse that,
// see page-habits.spec.ts.

test('a picture comes from an address, typed or pasted; what is none says so, and what was there stays', async ({
  page,
}) => {
  const png = await picture();
  const server = createServer((request, response) => {
    if (request.url === '/field.png') response.setHeader('content-type', 'image/png').end(png);
    else if (request.url === '/there') response.writeHead(302, { location: '/field.png' }).end();
    else response.setHeader('content-type', 'text/html').end('<p>a page</p>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await page.goto('/');
    const field = page.getByLabel('Address of a picture');
    const fetch = page.getByRole('button', { name: 'Fetch' });
    await field.fill('field.png');
    await fetch.click();
    await expect(page.getByText('This is no address of a picture')).toBeVisible();
    await field.fill(`${base}/there`);
    await field.press('Enter');
    await finished(page);
    await expect(page.getByTestId('photo')).toHaveJSProperty('complete', true);
    expect(await page.getByTestId('photo').evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
    await expect(field).toHaveValue('');
    const first = page.url();

    await page.evaluate((address) => {
      const data = new DataTransfer();
      data.setData('text/plain', address);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    }, `${base}/page`);
    await expect(page.getByTestId('problem')).toContainText('sent a web page, not a picture');
    await expect(page).toHaveURL(first);
    // It is kept like any other photo, under its name.
    await page.goto('/history');
    await expect(page.getByTestId('entry')).toHaveCount(1);
    await expect(page.getByTestId('entry').getByRole('heading')).toHaveText('field.png');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
