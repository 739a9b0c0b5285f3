/** A gateway with thousands of requests behind it, and a page that has loaded them. */
import type { Page } from 'playwright-core';
import type { UsageRecord } from '../../src/usage/record.ts';
import { eventually } from '../eventually.ts';
import { usageRecord } from '../usage-records.ts';
import type { ConsoleHome } from './console-home.ts';
import { writeUsage } from './written-usage.ts';

const minute = 60_000;
const rowHeight = 40;

/** So many requests, one a second until so many minutes ago, every tenth of them failed; their ids, the newest first. */
export async function withPast(
  home: ConsoleHome,
  amount: number,
  minutes = 5,
  more: (at: number) => Partial<UsageRecord> = () => ({}),
): Promise<string[]> {
  await home.stop();
  const from = Date.now() - minutes * minute;
  const records = Array.from({ length: amount }, (_, at) =>
    usageRecord({
      at: from - at * 1000,
      ...(at % 10 === 9 && { status: 502, error: 'server' }),
      ...more(at),
    }),
  );
  await writeUsage(home.accounts, records);
  await home.start();
  return records.map(({ id }) => id);
}

/** How many rows the list is long. */
export const rowsKnown = (page: Page): Promise<number> =>
  page.evaluate<number>(`(document.querySelector('.rows > div')?.offsetHeight ?? 0) / ${rowHeight}`);

/** Loads page after page until there is no more. */
export async function loadAll(page: Page): Promise<void> {
  const older = page.getByRole('button', { name: 'Older' });
  const all = page.getByText('No older requests are stored.');
  for (;;) {
    await older.or(all).waitFor();
    if (await all.isVisible()) return;
    const before = await rowsKnown(page);
    await older.click();
    await eventually(async () => (await all.isVisible()) || (await rowsKnown(page)) > before);
  }
}
