/** A real browser: a person opens the printed address, chooses who they are, clicks Allow, and reads that it worked. */
import { afterAll, expect, test } from 'bun:test';
import { startChromium } from '../chromium.ts';
import { household } from './household.ts';
import { printedAddress } from './sign-in.ts';

const browser = await startChromium();
afterAll(() => browser.close());

test('claude: the page of the provider, Allow, and back to the program, which is done', async () => {
  await using home = await household();
  const login = home.start(['auth', 'claude', '--no-browser']);
  const page = await browser.newPage();
  await page.goto(await printedAddress(login));
  await page.getByText('Grace').click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL('http://localhost:*/callback?*');
  const text = await page.locator('body').innerText();
  expect(text).toContain('Claude');
  expect(await login.exited).toBe(0);
  expect(login.answer()).toContain('signed in as grace@sandbox.example');
  expect(home.files()).toHaveLength(1);
  // The answer must not stay in the history of the browser's scripts or go on to anybody: the page has none.
  expect(await page.locator('script').count()).toBe(0);
  await page.close();
});

test('gemini: Deny is said in the browser and by the program', async () => {
  await using home = await household();
  const login = home.start(['auth', 'gemini', '--no-browser']);
  const page = await browser.newPage();
  await page.goto(await printedAddress(login));
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.waitForURL('http://localhost:*/oauth2callback?*');
  expect(await page.locator('body').innerText()).toContain('declined');
  expect(await login.exited).toBe(10);
  await page.close();
});
