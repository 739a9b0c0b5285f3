/** The list of requests when there are thousands: nothing is missing, nothing jumps, nothing waits. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { startChromium } from '../../chromium.ts';
import { eventually } from '../../eventually.ts';
import { consoleHome, goodModel } from '../console-home.ts';
import { loadAll, rowsKnown, withPast } from '../past-requests.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

const managementKey = 'management-key-of-the-tests';

interface Scrolled {
  /** Ids of the rows that were on the screen, in their order. */
  seen: string[];
  /** Rows of the page, at most. */
  most: number;
  /** Screens with a place where a row should be and is not. */
  blanks: number;
  frames: number;
  longest: number;
  longTasks: number[];
}

/** A screen each frame, from the top to the end. */
const scrollThrough = (page: Page): Promise<Scrolled> =>
  page.evaluate<Scrolled>(`new Promise((done) => {
    const list = document.querySelector('.rows');
    const seen = new Set(), longTasks = [];
    const observer = new PerformanceObserver((tasks) => {
      for (const { duration } of tasks.getEntries()) longTasks.push(Math.round(duration));
    });
    observer.observe({ type: 'longtask' });
    let most = 0, blanks = 0, frames = 0, longest = 0, before;
    const next = (at) => {
      if (before !== undefined) longest = Math.max(longest, at - before);
      before = at;
      frames += 1;
      const { top, bottom } = list.getBoundingClientRect();
      const rows = [...list.querySelectorAll('[role=listitem]')];
      most = Math.max(most, rows.length);
      const onScreen = rows.map((row) => [row, row.getBoundingClientRect()])
        .filter(([, place]) => place.bottom > top && place.top < bottom)
        .sort(([, one], [, other]) => one.top - other.top);
      const first = onScreen[0]?.[1].top ?? bottom, last = onScreen.at(-1)?.[1].bottom ?? top;
      const end = list.firstElementChild.getBoundingClientRect().bottom;
      const gap = onScreen.some(([, place], at) => at > 0 && place.top - onScreen[at - 1][1].bottom > 1);
      if (gap || first > top + 1 || last < Math.min(bottom, end) - 1) blanks += 1;
      for (const [row] of onScreen) seen.add(row.querySelector('a').pathname.split('/').at(-1));
      if (list.scrollTop + list.clientHeight >= list.scrollHeight - 1) {
        observer.disconnect();
        done({ seen: [...seen], most, blanks, frames, longest: Math.round(longest), longTasks });
        return;
      }
      list.scrollTop += list.clientHeight;
      requestAnimationFrame(next);
    };
    list.scrollTop = 0;
    requestAnimationFrame(next);
  })`);

test('ten thousand requests scroll while others come: each is shown, and only what is on the screen', async () => {
  await using home = await consoleHome(browser);
  const past = await withPast(home, 9700);
  const { page, complaints, goTo } = await home.open({ viewport: { width: 1360, height: 900 } });
  await goTo('requests');
  await loadAll(page);
  expect(await rowsKnown(page)).toBe(9700);
  const coming = setInterval(() => void home.ask(goodModel).catch(() => 0), 100);
  try {
    const { seen, most, blanks, frames, longest, longTasks } = await scrollThrough(page);
    const worst = Math.max(0, ...longTasks);
    process.stderr.write(
      `${frames} frames, the longest ${longest} ms; ${longTasks.length} tasks of more than 50 ms, the longest ${worst} ms\n`,
    );
    const isPast = new Set(past);
    expect(seen.filter((id) => isPast.has(id))).toEqual(past);
    expect(most).toBeLessThan(60);
    expect(blanks).toBe(0);
  } finally {
    clearInterval(coming);
  }
  // Nothing has moved under the reader; at the top again there is what came.
  await page.getByText(/\d+ more since the pause/).waitFor();
  await page.evaluate(`document.querySelector('.rows').scrollTop = 0`);
  await page.getByText(/more since the pause/).waitFor({ state: 'detached' });
  await page.locator('.request-line', { hasText: goodModel }).first().waitFor();
  expect(complaints).toEqual([]);
});

test('what a filter finds in the past leaves no gap in the list without it', async () => {
  await using home = await consoleHome(browser);
  await withPast(home, 900);
  const { page, goTo } = await home.open({ viewport: { width: 1360, height: 900 } });
  await goTo('requests?status=failed');
  await loadAll(page);
  expect(await rowsKnown(page)).toBe(90);
  await page.getByLabel('Status', { exact: true }).selectOption('');
  await eventually(async () => (await rowsKnown(page)) === 200);
  await loadAll(page);
  expect(await rowsKnown(page)).toBe(900);
});

test('after a connection that was lost for long the list has what ended meanwhile', async () => {
  await using home = await consoleHome(browser, { 'remote-management': { 'secret-key': managementKey } });
  await withPast(home, 10, 60);
  const { page, goTo } = await home.open({ viewport: { width: 1360, height: 900 } });
  await goTo('requests');
  await page.locator('.request-line').first().waitFor();
  await withPast(home, 1200, 5);
  await page.getByLabel(/Management key/).fill(managementKey);
  await page.keyboard.press('Enter');
  await eventually(async () => (await rowsKnown(page)) === 1210);
});

test('a request for a model that nobody serves says so, and leads to the models', async () => {
  await using home = await consoleHome(browser);
  expect(await home.ask('missing')).toBe(404);
  const { page, goTo } = await home.open();
  await goTo('requests');
  await page.locator('.request-line', { hasText: 'missing' }).click();
  await page.getByText(/No account was tried: none serves missing/).waitFor();
  await page.getByRole('link', { name: 'Models and model routes' }).click();
  await page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
});
