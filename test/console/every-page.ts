/** Opens every page of the console as different people see it, and lists what is wrong with any. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { ConsoleHome, WatchedPage } from './console-home.ts';

export const pagePaths = [
  '',
  'requests',
  'accounts',
  'accounts/add?kind=codex&keys=openrouter',
  'keys',
  'models',
  'models?view=routes',
  'usage',
  'play',
  'settings',
  'settings?view=yaml',
  'settings?view=history',
  'logs',
  'system',
];

const wide = { viewport: { width: 1360, height: 900 } };
const narrow = { viewport: { width: 390, height: 844 }, hasTouch: true };

export const looks = {
  wideLight: { ...wide, colorScheme: 'light' },
  wideDark: { ...wide, colorScheme: 'dark' },
  narrowLight: { ...narrow, colorScheme: 'light' },
  narrowDark: { ...narrow, colorScheme: 'dark' },
} as const satisfies Record<string, BrowserContextOptions>;

/** The pages of one account and of one request, by the lists that lead to them. */
async function firstOf(page: Page, goTo: WatchedPage['goTo']): Promise<string[]> {
  const found: string[] = [];
  for (const [list, row] of [
    ['accounts', '.timeline a, .account-card a'],
    ['requests', 'a.request-line'],
  ] as const) {
    await goTo(list);
    const href = await page.locator(row).first().getAttribute('href');
    if (href !== null) found.push(new URL(href).pathname.slice('/console/'.length));
  }
  return found;
}

/**
 * A line each: what the browser complained about, what axe found, pages wider than the screen. `isEmpty`: there is no account and no
 * request whose page could be opened.
 */
export async function faultsOf(
  home: ConsoleHome,
  seen: readonly BrowserContextOptions[],
  isEmpty = false,
): Promise<string[]> {
  const faults: string[] = [];
  for (const look of seen) {
    const { page, goTo, complaints, barriers } = await home.open(look);
    for (const path of [...pagePaths, ...(isEmpty ? [] : await firstOf(page, goTo))]) {
      const where = `${look.locale ?? ''} ${look.viewport?.width} ${look.colorScheme} /${path}`;
      await goTo(path);
      faults.push(...complaints.splice(0).map((line) => `${where}: ${line}`));
      const tooWide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      if (Number(tooWide) > 0) faults.push(`${where}: ${tooWide} px wider than the screen`);
      faults.push(...(await barriers()).map((line) => `${where}: ${line}`));
      complaints.length = 0;
    }
    await page.context().close();
  }
  return faults;
}
