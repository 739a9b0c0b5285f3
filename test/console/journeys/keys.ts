/** Client keys in the console: every limit and budget is set in the form, holds at once, and shows what is used and left. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { startChromium } from '../../chromium.ts';
import { type ConsoleHome, consoleHome, goodModel, limitedModel } from '../console-home.ts';
import { looks } from '../every-page.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

const file = (home: ConsoleHome): string => readFileSync(join(home.path, 'config.yaml'), 'utf8');
const entryOf = (home: ConsoleHome, name: string): Record<string, unknown> =>
  parse(file(home))['api-keys'].find((entry: { name?: string }) => entry.name === name);

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value);
}

const card = (page: Page, name: string) => page.locator('li.card', { hasText: name });
/** The line of a limit, with what is left and used of it. */
const limit = (page: Page, key: string, name: string) =>
  card(page, key).locator('.limits li', { hasText: name });

test('a key gets every limit and budget in the form, and each says what is used and left', async () => {
  await using home = await consoleHome(browser, { prices: { '*': { input: 1000, output: 1000 } } });
  const { page, complaints, goTo } = await home.open();
  await goTo('keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByText('Expiry, limits, budgets, allowed models').click();
  await fill(page, {
    Name: 'team',
    'Note (optional)': 'for the build server',
    'Expires on (a day or a time)': '2027-12-31',
    'Allowed models (empty: all)': `${goodModel}, gpt-*`,
    'Allowed providers (empty: all)': 'steady',
    'Requests per minute': '7',
    'Tokens per minute': '100000',
    'Requests at the same time': '2',
    'Dollars per day': '5.5',
    'Tokens per day': '200000',
    'Dollars per month': '50',
    'Tokens per month': '1000000',
  });
  await page.getByRole('button', { name: 'Save' }).click();
  const key = (await page.locator('.snippet pre').first().innerText()).trim();
  expect(entryOf(home, 'team')).toEqual({
    ...{ key, name: 'team', note: 'for the build server', expires: '2027-12-31' },
    ...{ models: [goodModel, 'gpt-*'], providers: ['steady'], concurrency: 2 },
    ...{ 'requests-per-minute': 7, 'tokens-per-minute': 100_000 },
    budget: { day: { usd: 5.5, tokens: 200_000 }, month: { usd: 50, tokens: 1_000_000 } },
  });
  await page.getByRole('button', { name: 'Close' }).click();
  expect(await card(page, 'team').locator('.limits li').count()).toBe(7);
  await limit(page, 'team', 'Dollars per month').getByText('$50.00 left · $0 of $50.00 used').waitFor();
  expect([await home.ask(goodModel, key), await home.ask(limitedModel, key)]).toEqual([200, 404]);
  // The one that was refused counts for nothing.
  await limit(page, 'team', 'Requests per minute').getByText('6 left · 1 of 7 used').waitFor();
  await limit(page, 'team', 'Tokens per day')
    .getByText(/^[\d.]+K left · [1-9]\d* of 200K used$/)
    .waitFor();
  await limit(page, 'team', 'Dollars per day')
    .getByText(/^\$[\d.]+ left · \$0\.\d+ of \$5\.50 used$/)
    .waitFor();
  await limit(page, 'team', 'Dollars per day')
    .getByText(/^resets/)
    .waitFor();
  expect(complaints).toEqual([]);
});

test('a change of one limit leaves the others, and the comments of the file, as they are written', async () => {
  await using home = await consoleHome(browser, { 'api-keys': [] });
  writeFileSync(
    join(home.path, 'config.yaml'),
    file(home).replace(
      'api-keys: []',
      `api-keys:
  # the key of ann
  - key: sk-of-the-household-0123456789
    name: ann # always here
    expires: 2099-12-31
    requests-per-minute: 100 # as ann wants it
    budget:
      day: {tokens: 5000}`,
    ),
  );
  const { page, goTo } = await home.open();
  await goTo('keys');
  await card(page, 'ann').getByRole('button', { name: 'Change' }).click();
  expect(await page.getByLabel('Tokens per day', { exact: true }).inputValue()).toBe('5000');
  await fill(page, { 'Tokens per day': '1' });
  await page.getByRole('button', { name: 'Save' }).click();
  await limit(page, 'ann', 'Tokens per day').getByText('1 left · 0 of 1 used').waitFor();
  const written = file(home);
  for (const kept of [
    '# the key of ann',
    'name: ann # always here',
    'expires: 2099-12-31',
    'requests-per-minute: 100 # as ann wants it',
  ])
    expect(written).toContain(kept);
  // Waiting would not help: the question alone is longer than the limit.
  expect(await home.ask(goodModel)).toBe(413);
  await card(page, 'ann').getByRole('button', { name: 'Change' }).click();
  await fill(page, { 'Tokens per day': '', 'Requests per minute': '' });
  await page.getByRole('button', { name: 'Save' }).click();
  await card(page, 'ann').locator('.limits li').first().waitFor({ state: 'detached' });
  expect(Object.keys(entryOf(home, 'ann'))).toEqual(['key', 'name', 'expires']);
  expect(await home.ask(goodModel)).toBe(200);
});

test('what cannot be a limit is refused where it is typed, and nothing is written', async () => {
  await using home = await consoleHome(browser);
  const before = file(home);
  const { page, goTo } = await home.open(looks.narrowDark);
  await goTo('keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByText('Expiry, limits, budgets, allowed models').click();
  await fill(page, { Name: 'phone', 'Requests per minute': '0' });
  await page.getByRole('button', { name: 'Save' }).click();
  const isValid = () =>
    page
      .getByLabel('Requests per minute', { exact: true })
      .evaluate((one) => Reflect.get(one, 'validity').valid);
  expect(await isValid()).toBe(false);
  await fill(page, { 'Requests per minute': '', 'Expires on (a day or a time)': 'next year' });
  // What the browser cannot know is wrong, the gateway says; what was typed stays.
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .locator('.notice.bad')
    .getByText(/expires/)
    .waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('phone');
  await fill(page, { 'Expires on (a day or a time)': '', 'Dollars per day': '0' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .locator('.notice.bad')
    .getByText(/budget\.day\.usd/)
    .waitFor();
  expect(file(home)).toBe(before);
  expect(
    Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')),
  ).toBeLessThanOrEqual(0);
});

test('a limit that is folded away and cannot be saved is unfolded, so that it is seen', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo('keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const more = page.getByText('Expiry, limits, budgets, allowed models');
  await more.click();
  await fill(page, { 'Tokens per minute': '0' });
  await more.click();
  expect(await page.getByLabel('Tokens per minute', { exact: true }).isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('Tokens per minute', { exact: true }).waitFor();
  expect(
    await page.getByLabel('Tokens per minute', { exact: true }).evaluate((one) => one.matches(':focus')),
  ).toBe(true);
});

test('of a thousand keys those are drawn that are looked at, and any is found', async () => {
  const many = Array.from({ length: 999 }, (_, at) => ({
    key: `sk-of-many-${at}-0123456789`,
    name: `many-${at}`,
  }));
  await using home = await consoleHome(browser, {
    'api-keys': [{ key: 'sk-of-the-household-0123456789', name: 'first' }, ...many],
  });
  const { page, goTo } = await home.open();
  const cards = page.locator('main li.card');
  await goTo('keys');
  await card(page, 'first').waitFor();
  expect(await cards.count()).toBeLessThan(100);
  await cards.last().scrollIntoViewIfNeeded();
  await cards.nth(45).waitFor();
  expect(await cards.count()).toBeLessThan(400);
  await page.keyboard.press('/');
  await page.keyboard.type('many-777');
  await card(page, 'many-777').waitFor();
  expect(await cards.count()).toBe(1);
});
