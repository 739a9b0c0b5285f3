/** The tasks of a first day with the keyboard alone, in a real browser: nothing is clicked, and the focus is always seen. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { startChromium } from '../../chromium.ts';
import { consoleHome, goodModel, limitedModel } from '../console-home.ts';
import { looks } from '../every-page.ts';
import { loadAll, withPast } from '../past-requests.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

/** What has the focus: its name, and whether one sees that it has it. */
interface Focused {
  name: string;
  isSeen: boolean;
}

const focused = (page: Page): Promise<Focused> =>
  page.evaluate<Focused>(`(() => {
    const one = document.activeElement;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    return {
      name: [one.ariaLabel, one.labels?.[0]?.innerText, one.innerText, one.value, one.title].filter(Boolean).join(' '),
      isSeen: one === document.body || one.id === 'content' || (box.width > 0 && box.bottom > 0 && box.top < innerHeight && (outlineStyle !== 'none' && outlineWidth !== '0px' || boxShadow !== 'none')),
    };
  })()`);

const mostSteps = 150;

/** Presses Tab until what has this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < mostSteps; step += 1) {
    await page.keyboard.press('Tab');
    const { name: found, isSeen } = await focused(page);
    expect([found, isSeen]).toEqual([found, true]);
    if (name.test(found)) return;
    passed.push(found.slice(0, 40));
  }
  throw new Error(`Tab does not come to ${name}: ${passed.join(' | ')}`);
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

test.each(['wideLight', 'narrowDark'] as const)('a first day with the keyboard alone, %s', async (look) => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open(looks[look]);
  // Is it fine?
  await page.getByText('All 4 accounts serve.').waitFor();

  // An account, by a code for another device.
  await press(page, 'g', 'a');
  await page.locator('.account-card').first().waitFor();
  await press(page, 'a');
  await page.getByRole('heading', { name: 'Add account' }).waitFor();
  await page.locator('.loading').waitFor({ state: 'detached' });
  await tabTo(page, /^Qwen/);
  await press(page, 'Enter');
  await tabTo(page, /Get a code/);
  await press(page, 'Enter');
  const code = await page.locator('.device-code strong').innerText();
  expect(home.providers.accounts.decideDevice(code, 'ada')).toBe(true);
  await page.getByText(/Signed in: /).waitFor();
  expect(home.files()).toHaveLength(1);

  // A key, used with curl as the page says.
  await press(page, 'g', 'k');
  await page.locator('li.card').first().waitFor();
  await press(page, 'a');
  await tabTo(page, /^Name/);
  await page.keyboard.type('laptop');
  await press(page, 'Enter');
  const shown = page.getByRole('region', { name: 'Use it in a client' }).first();
  await shown.waitFor();
  await tabTo(page, /^Client/);
  await page.keyboard.type('curl');
  const line = shown.locator('.snippet pre', { hasText: 'curl' });
  await line.waitFor();
  const curl = Bun.spawn([
    'sh',
    '-c',
    (await line.innerText()).replace('curl ', 'curl -s -o /dev/null -w "%{http_code}" '),
  ]);
  expect(await curl.stdout.text()).toBe('200');

  // Its request is there by itself, and has a waterfall. A choice takes letters for itself, until it is left.
  await press(page, 'Escape', 'g', 'r');
  await page.locator('a.request-line').first().waitFor();
  await press(page, 'j', 'Enter');
  await page.locator('.waterfall').waitFor();
  await page.getByText('laptop').first().waitFor();

  // Why does this one fail? Its cooldown ends by the palette.
  expect(await home.ask(limitedModel)).toBe(429);
  await press(page, 'g', 'o');
  await page.locator('h1.sentence').getByText('in cooldown').waitFor();
  await press(page, 'Control+k');
  await page.keyboard.type('cooldown limited');
  await page
    .getByRole('option', { selected: true })
    .getByText(/^End the cooldown of limited/)
    .waitFor();
  await press(page, 'Enter');
  await page.getByText('The cooldown is over.').waitFor();

  // Another strategy, looked at before it is saved.
  await press(page, 'Control+k');
  await page.keyboard.type('strategy to round-robin');
  await page
    .getByRole('option', { selected: true })
    .getByText(/round-robin$/)
    .waitFor();
  await press(page, 'Enter');
  const dialog = page.getByRole('dialog', { name: 'Review and save' });
  await dialog.locator('.diff .new').first().waitFor();
  await tabTo(page, /^Save$/);
  await press(page, 'Enter');
  await page.getByText('Saved and active.').waitFor();
  expect(parse(readFileSync(join(home.path, 'config.yaml'), 'utf8')).routing).toMatchObject({
    strategy: 'round-robin',
  });
  expect(complaints).toEqual([]);
});

test('who comes back from a request, or an account, is at its row again, in a list of thousands', async () => {
  await using home = await consoleHome(browser);
  await withPast(home, 2000);
  const { page, goTo } = await home.open();
  await goTo('requests');
  await loadAll(page);
  await page.locator('.rows').evaluate((rows) => {
    rows.scrollTop = 40_000;
  });
  const row = page.locator('a.request-line:not(.head)').nth(20);
  await row.waitFor();
  // At once: the rows are still being drawn, and the twentieth may be another by then.
  const href = await row.evaluate((one) => {
    one.focus();
    return one.getAttribute('href') ?? '';
  });
  await press(page, 'Enter');
  await page.getByRole('heading', { name: /^Request / }).waitFor();
  await press(page, 'Escape');
  const again = page.locator(`a[href="${href}"]`);
  await again.waitFor();
  expect(await again.evaluate((one) => one.matches(':focus'))).toBe(true);
  await press(page, 'j');
  expect(await page.evaluate('document.activeElement.closest("[data-row]") !== null')).toBe(true);
  // The browser's way back does the same.
  await again.focus();
  await press(page, 'Enter');
  await page.getByRole('heading', { name: /^Request / }).waitFor();
  await page.goBack();
  await again.waitFor();
  expect(await again.evaluate((one) => one.matches(':focus'))).toBe(true);
});

test('a page that has gone takes the focus with it to the next one, not to the beginning of all', async () => {
  await using home = await consoleHome(browser);
  await home.ask(goodModel);
  const { page, goTo } = await home.open();
  await goTo('accounts');
  await page.locator('.account-card a').first().focus();
  await press(page, 'Enter');
  await page.locator('main .facts').waitFor();
  await press(page, 'Tab');
  expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true);
});
