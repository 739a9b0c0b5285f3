/** Long lists, by what they cost: counted work, which is the same on a busy computer. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { startChromium } from '../../chromium.ts';
import { eventually } from '../../eventually.ts';
import { type ConsoleHome, consoleHome, goodModel } from '../console-home.ts';
import { countFrames, scrollBy, type Work, workOf } from '../counted-work.ts';
import { loadAll, withPast } from '../past-requests.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

/** The page at this path, counted from its beginning. */
async function counted(home: ConsoleHome, path: string): Promise<Page> {
  const { page, goTo } = await home.open({ viewport: { width: 1360, height: 900 } });
  await countFrames(page);
  await goTo(path);
  return page;
}

function said(what: string, work: Work): Work {
  process.stderr.write(`${what}: ${JSON.stringify(work)}\n`);
  return work;
}

/** Marks what is there, and counts later how much of it still is: what is made anew has no mark. */
const mark = (page: Page, what: string): Promise<number> =>
  page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(what)})].map((one) => { one.marked = true; }).length`,
  );
const stillMarked = (page: Page, what: string): Promise<number> =>
  page.evaluate(`[...document.querySelectorAll(${JSON.stringify(what)})].filter((one) => one.marked).length`);

const row = '[role=listitem]';
/** Calls that a look at the clock or a frame may cost, and a row that is made: one call for each of the ten thousand rows is more. */
const mostCalls = ({ frames, seconds, rowsMade }: Work): number =>
  2000 * (frames + seconds + 1) + 1500 * rowsMade;

/** Sends requests one after the other, as many as are shown then. */
async function ask(home: ConsoleHome, amount: number): Promise<void> {
  for (let at = 0; at < amount; at += 1) expect(await home.ask(goodModel)).toBe(200);
}

test('ten thousand requests: one that comes costs the others nothing, scrolled or not', async () => {
  await using home = await consoleHome(browser);
  await withPast(home, 9700);
  const page = await counted(home, 'requests');
  await loadAll(page);
  await page.evaluate(`document.querySelector('.rows').scrollTop = 40000`);
  await ask(home, 1);
  await page.getByText('1 more since the pause').waitFor();
  const away = said(
    '20 requests while it is scrolled',
    await workOf(page, row, async () => {
      await ask(home, 20);
      await page.getByText('21 more since the pause').waitFor();
    }),
  );
  expect([away.rowsMade, away.rowsGone]).toEqual([0, 0]);
  expect(away.calls).toBeLessThan(mostCalls(away));

  await page.evaluate(`document.querySelector('.rows').scrollTop = 0`);
  await page.getByText(/more since the pause/).waitFor({ state: 'detached' });
  await page.locator('.request-line', { hasText: goodModel }).nth(20).waitFor();
  const bars = await mark(page, '.time-bars button');
  await mark(page, row);
  const atTop = said(
    '5 requests while it is at the top',
    await workOf(page, row, async () => {
      await ask(home, 5);
      await page.locator('.request-line', { hasText: goodModel }).nth(25).waitFor();
      await eventually(
        async () => (await page.locator('.request-line', { hasText: 'running' }).count()) === 0,
      );
    }),
  );
  expect(atTop.calls).toBeLessThan(mostCalls(atTop));
  // A request is drawn when it runs and when it has ended; what was there is moved and not made again.
  expect(atTop.rowsMade).toBeLessThanOrEqual(10);
  expect(await stillMarked(page, '.time-bars button')).toBeGreaterThanOrEqual(bars - 1);
  const rows = await page.locator(row).count();
  expect(await stillMarked(page, row)).toBeGreaterThanOrEqual(rows - 10);
});

test('a row that is scrolled past is made once, and the page is laid out once a frame', async () => {
  await using home = await consoleHome(browser);
  await withPast(home, 3000);
  const page = await counted(home, 'requests');
  await loadAll(page);
  const [pixels, frames] = [120, 200];
  const scrolled = said('scrolled', await workOf(page, row, () => scrollBy(page, '.rows', pixels, frames)));
  const passed = (pixels * frames) / 40;
  expect(scrolled.rowsMade).toBeLessThanOrEqual(passed + 60);
  expect(scrolled.layouts).toBeLessThan(frames * 1.5);
  // A row is some twenty nodes, each of which is a handful of calls.
  expect(scrolled.calls / passed).toBeLessThan(2000);
  expect(scrolled.formatters).toBe(0);
});

test('a thousand accounts: each is drawn once, and again when it has changed', async () => {
  const keys = Array.from({ length: 1000 }, (_, at) => ({
    'api-key': `key-number-${String(at).padStart(4, '0')}-of-many`,
    name: `many-${String(at).padStart(4, '0')}`,
  }));
  await using home = await consoleHome(browser, { 'claude-api-key': keys });
  const page = await counted(home, 'accounts');
  await page.locator('.account-card').first().waitFor();
  const [pixels, frames] = [120, 200];
  const scrolled = said('accounts', await workOf(page, row, () => scrollBy(page, '.rows', pixels, frames)));
  const passed = (pixels * frames) / 84;
  expect(scrolled.rowsMade).toBeLessThanOrEqual(passed + 60);
  expect(scrolled.layouts).toBeLessThan(frames * 1.5);
  expect(scrolled.formatters).toBeLessThan(5);
  await page.evaluate(`document.querySelector('.rows').scrollTop = 84 * 500`);
  await page.getByText('many-0500').waitFor();
  await mark(page, row);
  const used = said(
    'accounts while another is used',
    await workOf(page, row, async () => {
      await ask(home, 3);
      const frames = await page.evaluate<number>('counted.frames');
      await eventually(async () => (await page.evaluate<number>('counted.frames')) > frames + 2);
    }),
  );
  expect([used.rowsMade, used.rowsGone]).toEqual([0, 0]);
  expect(await stillMarked(page, row)).toBe(await page.locator(row).count());
});

test('a log that grows keeps the lines that it has', async () => {
  await using home = await consoleHome(browser);
  await ask(home, 30);
  const page = await counted(home, 'logs');
  const line = '.log-line';
  await page.locator(line).first().waitFor();
  const before = await mark(page, line);
  await ask(home, 1);
  await eventually(async () => (await page.locator(line).count()) > before);
  expect(await stillMarked(page, line)).toBe(before);
});

test('usage of two thousand conversations is drawn as far as it is looked at', async () => {
  await using home = await consoleHome(browser);
  await withPast(home, 2000, 5, (at) => ({ session: `conversation-${at}` }));
  const page = await counted(home, 'usage?by=session&since=30d');
  const line = 'tbody tr';
  await page.locator(line).nth(199).waitFor();
  expect(await page.locator(line).count()).toBeLessThan(500);
  expect(await page.evaluate<number>('counted.formatters')).toBeLessThan(20);
  await eventually(async () => {
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    return (await page.locator(line).count()) >= 2000;
  });
});
