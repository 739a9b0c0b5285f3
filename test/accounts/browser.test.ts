/** A real browser: a person opens the printed address, chooses who they are, clicks Allow, and reads that it worked. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type Browser, chromium } from 'playwright-core';
import { household } from './household.ts';
import { printedAddress } from './sign-in.ts';

/** Where Debian, Ubuntu and macOS put it; `CHROMIUM` names another place. */
const places = [
  process.env.CHROMIUM,
  Bun.which('chromium'),
  Bun.which('chromium-browser'),
  Bun.which('google-chrome'),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

let browser: Browser;

beforeAll(async () => {
  const executablePath = places.find((place) => place && Bun.file(place).size > 0);
  if (!executablePath)
    throw new Error(
      'There is no Chromium to sign in with: apt-get install chromium, or set CHROMIUM to one.',
    );
  browser = await chromium.launch({
    executablePath,
    // Containers run as root and have a small /dev/shm; nothing but this computer is ever asked.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}, 20_000);

afterAll(() => browser?.close());

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
