/** What the console says of the gateway itself: its state, what is wrong with it, and what goes into a bug report. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startChromium } from '../../chromium.ts';
import { consoleHome, goodModel, limitedModel } from '../console-home.ts';
import { looks } from '../every-page.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

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
  const problem = page.locator('section li', { hasText: 'The changed configuration is not active' });
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
  for (const name of ['Free disk space', 'Memory', 'Event loop lag', 'Address'])
    await facts.getByText(name).waitFor();
  await facts.getByText(/ of \d/).waitFor();
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

test('a cluster shows its engines, since when one is away, and each replica', async () => {
  await using home = await consoleHome(browser);
  const engines = [
    { name: 'postgres', state: 'up', why: null, since: null },
    { name: 'valkey', state: 'down', why: 'connection refused', since: '2026-11-30T01:00:00.000Z' },
  ];
  const replica = (id: string, name: string) => ({
    ...{ id, name, version: '0.1.0', startedAt: '2026-11-30T00:00:00.000Z' },
  });
  const now = {
    ...{ url: 'http://10.0.0.1:8317', stopsWithin: 5000, uptime: 100, memory: 120e6, running: 3, waiting: 1 },
    ...{ ended: { all: 10, failed: 1 }, refusals: {}, timezone: 'UTC', engines },
  };
  const cluster = {
    ...{ name: 'prod', replica: 'a', engines, notShared: [] },
    replicas: [
      { ...replica('a', 'host-a'), now, why: null },
      { ...replica('b', 'host-b'), now: null, why: 'no answer within 2 s' },
    ],
  };
  for (const look of [looks.wideLight, looks.narrowDark]) {
    const { page, complaints, barriers, goTo } = await home.open(look);
    await page.route('**/console/api/management/cluster', (route) => route.fulfill({ json: { cluster } }));
    await goTo('system');
    const section = page.getByRole('region', { name: 'Cluster prod' });
    await section.getByText(/since .* · connection refused/).waitFor();
    await section.locator('tr', { hasText: 'host-a' }).getByText('stops within 5.0 s').waitFor();
    await section
      .locator('tr', { hasText: 'host-b' })
      .getByText(/does not respond: no answer/)
      .waitFor();
    expect(
      Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')),
    ).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    expect(await barriers()).toEqual([]);
    await page.context().close();
  }
});
