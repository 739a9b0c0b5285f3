/**
 * Takes the pictures of docs/console.md: a gateway that really runs, the sandbox in the place of all providers, a made-up
 * fortnight of usage, and Chromium. `bun scripts/console-pictures.ts [NAME …]`; `PORT` is the gateway's (8317);
 * `MINUTES` (12), for how long requests are sent before, so that charts have something to show.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startChromium } from '../test/chromium.ts';
import { type DemoHome, demoHome } from '../test/console/demo-home.ts';
import { smallPng } from './small-png.ts';

const folder = join(import.meta.dir, '../docs/pictures');
/** Bytes of a picture: a page of documentation has a dozen. */
const mostBytes = 120 * 1024;
const port = Number(process.env.PORT ?? 8317);
const minutes = Number(process.env.MINUTES ?? 12);

const wide = { viewport: { width: 1200, height: 740 } };
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true };
const light = { colorScheme: 'light' } as const;
const dark = { colorScheme: 'dark' } as const;

interface Picture {
  look: BrowserContextOptions;
  /** Below `/console/`. */
  path: string;
  /** What is done before it is taken. */
  before?(page: Page, home: DemoHome): Promise<void>;
}

/** By the name of the file, without `console-` and `.png`. */
const pictures: Readonly<Record<string, Picture>> = {
  overview: { look: { ...wide, ...light }, path: '' },
  'overview-dark': { look: { ...wide, ...dark }, path: '' },
  phone: { look: { ...phone, ...dark }, path: '' },
  requests: { look: { ...wide, ...light }, path: 'requests' },
  request: {
    look: { ...wide, ...dark },
    path: 'requests',
    async before(page, { url }) {
      // One that two accounts were asked for.
      const id =
        await page.evaluate<string>(`fetch('api/requests?limit=500', { headers: { 'x-console': '1' } })
        .then((answer) => answer.json())
        .then(({ requests }) => requests.find(({ attempts }) => attempts > 1)?.id ?? '')`);
      await page.goto(`${url}/console/requests/${id}`);
      await page.locator('.waterfall').waitFor();
    },
  },
  accounts: { look: { ...wide, ...light }, path: 'accounts' },
  account: {
    look: { ...wide, ...dark },
    path: 'accounts?text=claude-code',
    async before(page) {
      await page.locator('.rows a').first().click();
      await page.waitForURL('**/console/accounts/*');
      await settled(page);
    },
  },
  'add-account': { look: { ...wide, ...light }, path: 'accounts/add' },
  keys: {
    look: { ...wide, ...light },
    path: 'keys',
    async before(page) {
      await page.getByRole('button', { name: 'Use it in a client' }).first().click();
      await page.locator('.clients .snippet').first().waitFor();
    },
  },
  models: {
    look: { ...wide, ...light },
    path: 'models?text=smart',
    async before(page) {
      await page.locator('.model-line').first().click();
      await page.locator('.card').first().waitFor();
    },
  },
  'model-routes': { look: { ...wide, ...dark }, path: 'models?view=routes' },
  usage: { look: { ...wide, ...light }, path: 'usage?by=model&show=cost' },
  playground: {
    look: { ...wide, ...dark },
    path: 'play?model=smart',
    async before(page) {
      await page.getByLabel('Second model').fill('gemini-3-flash');
      await page.getByLabel('Prompt (').fill('repeat: A proxy is a server that asks others on your behalf.');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.locator('.answer').getByText('done', { exact: true }).nth(1).waitFor();
    },
  },
  settings: {
    look: { ...wide, ...light },
    path: 'settings?subject=routing',
    async before(page) {
      await page.getByLabel('routing.strategy').selectOption('quota-aware');
      await page.getByRole('button', { name: 'Review and save' }).click();
      await page.getByRole('dialog').locator('.diff').waitFor();
    },
  },
  yaml: {
    look: { ...wide, ...dark },
    path: 'settings?view=yaml',
    async before(page) {
      const editor = page.getByRole('textbox', { name: 'The configuration as YAML' });
      await editor.fill((await editor.inputValue()).replace('request-retry: 1', 'request-retry: once'));
      await page.locator('.notes.problem button').click();
    },
  },
  logs: { look: { ...wide, ...light }, path: 'logs' },
  system: { look: { ...wide, ...light }, path: 'system' },
  'my-key': {
    look: { ...wide, ...light },
    path: '',
    async before(page, home) {
      await page.context().clearCookies();
      await page.reload();
      await page.getByLabel(/Management key/).fill(home.clientKey);
      await page.keyboard.press('Enter');
      await page.locator('.clients .snippet').first().waitFor();
    },
  },
};

async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.loading').waitFor({ state: 'detached' });
  // What arrives by the event stream: a frame every two seconds.
  await page.waitForTimeout(2500);
}

async function take(browser: Browser, home: DemoHome, name: string, wanted: Picture): Promise<string> {
  const context = await browser.newContext({ ...wanted.look, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(await home.ticketAddress());
  await page.locator('nav').waitFor();
  await page.goto(`${home.url}/console/${wanted.path}`);
  await settled(page);
  await wanted.before?.(page, home);
  await page.waitForTimeout(400);
  const path = join(folder, `console-${name}.png`);
  const picture = smallPng(await page.screenshot());
  writeFileSync(path, picture);
  await context.close();
  const size = picture.length;
  return `${name}: ${Math.round(size / 1024)} KiB${size > mostBytes ? ', TOO LARGE' : ''}`;
}

const chosen = process.argv.slice(2);
const browser = await startChromium();
try {
  await using home = await demoHome(port, minutes);
  for (const [name, picture] of Object.entries(pictures))
    if (chosen.length === 0 || chosen.includes(name)) {
      const line = await take(browser, home, name, picture);
      console.log(line);
      if (line.endsWith('TOO LARGE')) process.exitCode = 1;
    }
} finally {
  await browser.close();
}
