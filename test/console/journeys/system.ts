/** What the console says of the gateway itself: its state, what is wrong with it, and what goes into a bug report. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../../chromium.ts';
import { consoleHome, goodModel, limitedModel } from '../console-home.ts';

setDefaultTimeout(300_000);

let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
}, 120_000);

afterAll(() => browser?.close());

/** The text of what a click saves. */
async function saved(page: Page, click: () => Promise<void>): Promise<{ name: string; text: string }> {
  const waiting = page.waitForEvent('download');
  await click();
  const download = await waiting;
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

test('a configuration that does not load is said on the first page, until it does', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  const file = join(home.path, 'config.yaml');
  const good = readFileSync(file, 'utf8');
  await goTo('');
  await page.getByText(/accounts serve/).waitFor();
  writeFileSync(file, `${good}\nrequest-retry: many\n`);
  const problem = page.locator('.problems li', { hasText: 'The changed configuration is not in force' });
  await problem.getByText(/request-retry/).waitFor();
  await problem.getByRole('link', { name: 'Look' }).click();
  await page.waitForURL('**/console/settings?view=yaml');
  writeFileSync(file, good);
  await page.keyboard.press('Escape');
  await goTo('');
  await problem.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

test('the process is described, and which providers answer', async () => {
  await using home = await consoleHome(browser);
  await home.ask(goodModel);
  await home.ask(limitedModel);
  const { page, complaints, barriers, goTo } = await home.open();
  await goTo('system');
  const facts = page.locator('.facts');
  for (const name of ['Room on the disk', 'Memory', 'Event loop late by', 'Serves at'])
    await facts.getByText(name).waitFor();
  await facts.getByText(/ of .* free/).waitFor();
  await page
    .locator('tr', { hasText: 'limited' })
    .getByRole('cell', { name: '1', exact: true })
    .nth(1)
    .waitFor();
  expect(complaints).toEqual([]);
  expect(await barriers()).toEqual([]);
});

test('diagnostics have what helps, and no key, no token and no name of an address', async () => {
  await using home = await consoleHome(browser, {
    'logging-to-file': true,
    'remote-management': { 'secret-key': 'management-key-of-the-tests' },
  });
  await home.ask(goodModel);
  await home.ask(limitedModel);
  const { page, goTo } = await home.open();
  await goTo('system');
  const { name, text } = await saved(page, () =>
    page.getByRole('button', { name: 'Save the diagnostics' }).click(),
  );
  expect(name).toMatch(/^cli-proxy-api-diagnostics.*\.json$/);
  const said = JSON.parse(text);
  expect(Object.keys(said)).toEqual(
    expect.arrayContaining(['system', 'problems', 'accounts', 'lastFailures', 'config', 'log', 'cluster']),
  );
  expect(said.config).toContain('openai-compatibility');
  expect(said.lastFailures[0]?.asked).toBe(limitedModel);
  for (const secret of [home.clientKey, 'key-of-steady', 'management-key-of-the-tests'])
    expect(text).not.toContain(secret);
});
