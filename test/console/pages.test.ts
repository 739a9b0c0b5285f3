/** The console's pages in a real browser, before a gateway that really runs. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { startChromium } from '../chromium.ts';
import { consoleHome, goodModel, hostile, limitedModel } from './console-home.ts';
import { faultsOf, looks, pagePaths } from './every-page.ts';

setDefaultTimeout(90_000);

let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
}, 20_000);

afterAll(() => browser?.close());

test('every page, wide and light, narrow and dark: no complaint, no barrier', async () => {
  await using home = await consoleHome(browser);
  expect(await home.ask(goodModel)).toBe(200);
  expect(await home.ask(limitedModel)).toBe(429);
  expect(await home.ask(`model ${hostile}`)).toBe(200);
  expect(await faultsOf(home, [looks.wideLight, looks.narrowDark])).toEqual([]);
});

test('a request arrives by itself, and its waterfall opens by the keyboard', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByText('No request yet').waitFor();
  expect(await home.ask(goodModel)).toBe(200);
  await page.getByRole('link', { name: goodModel }).waitFor();
  await page.keyboard.press('/');
  expect(await page.evaluate('document.activeElement.type')).toBe('search');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/console/requests/*');
  await page.locator('.waterfall').getByText('steady').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Mod');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/console/models');
  expect(complaints).toEqual([]);
});

test('a cooldown ends where it is shown', async () => {
  await using home = await consoleHome(browser);
  await home.ask(limitedModel);
  const { page } = await home.open();
  await page.goto(`${home.url}/console/accounts`);
  const card = page.locator('.account-card', { hasText: 'limited' });
  await card.getByRole('button', { name: 'End cooldown' }).click();
  await card.getByRole('button', { name: 'End cooldown' }).waitFor({ state: 'detached' });
  await page.getByText('The cooldown is over.').waitFor();
});

test('a key is made, used, limited, rotated and taken away', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open();
  const asWith = async (key: string): Promise<number> =>
    (await fetch(`${home.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  const shown = async (): Promise<string> => (await page.locator('.snippet pre').first().innerText()).trim();
  await page.goto(`${home.url}/console/keys`);
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill(hostile);
  await page.getByLabel('Requests a minute').fill('5');
  await page.getByRole('button', { name: 'Save' }).click();
  const made = await shown();
  expect(await asWith(made)).toBe(200);
  const card = page.locator('li.card', { hasText: hostile });
  await card.getByText('/ 5').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  expect(await page.content()).not.toContain(made);
  await card.getByRole('button', { name: /Rotate/ }).click();
  await page.locator('.snippet').first().waitFor();
  const rotated = await shown();
  expect([await asWith(made), await asWith(rotated)]).toEqual([200, 200]);
  await card.getByRole('button', { name: 'Turn off' }).click();
  await card.getByRole('button', { name: 'Turn on' }).waitFor();
  expect(await asWith(rotated)).toBe(401);
  page.removeAllListeners('dialog');
  page.on('dialog', (dialog) => void dialog.accept());
  await card.getByRole('button', { name: 'Delete' }).click();
  await card.waitFor({ state: 'detached' });
  expect(await asWith(made)).toBe(401);
  expect(complaints).toEqual([]);
});

test('a gateway that stops is said to, and what was open comes back after a new sign-in', async () => {
  await using home = await consoleHome(browser, {
    'remote-management': { 'secret-key': 'management-key-of-the-tests' },
  });
  const { page } = await home.open();
  await page.goto(`${home.url}/console/models`);
  await page.getByText(goodModel).waitFor();
  await home.stop();
  await page.locator('.bar').waitFor();
  expect(await page.getByText(goodModel).isVisible()).toBe(true);
  await home.start();
  await page.getByLabel(/Management key/).fill('management-key-of-the-tests');
  await page.keyboard.press('Enter');
  await page.getByText(goodModel).waitFor();
  expect(await page.locator('.bar').count()).toBe(0);
});

test('a client key opens its own usage and no other page', async () => {
  await using home = await consoleHome(browser);
  await home.ask(goodModel);
  const { page, goTo, barriers } = await home.visit();
  await page.goto(`${home.url}/console/accounts`);
  await page.getByLabel(/Management key/).fill(home.clientKey);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Key / }).waitFor();
  expect(await page.locator('nav').count()).toBe(0);
  await goTo('accounts');
  expect(await page.locator('.account-card').count()).toBe(0);
  expect(await barriers()).toEqual([]);
});

test('markup in names from outside is shown as text', async () => {
  await using home = await consoleHome(browser);
  await home.ask(`model ${hostile}`);
  await home.ask(`missing ${hostile}`);
  const { page, complaints, goTo } = await home.open();
  for (const path of pagePaths) {
    await goTo(path);
    expect([path, await page.locator('main img').count()]).toEqual([path, 0]);
  }
  await goTo('requests');
  await page.getByText(`missing ${hostile}`).waitFor();
  expect(complaints).toEqual([]);
});
