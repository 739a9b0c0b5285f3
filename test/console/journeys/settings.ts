/** The page about the configuration, in a real browser, before a gateway that really runs. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startChromium } from '../../chromium.ts';
import { eventually } from '../../eventually.ts';
import { type ConsoleHome, consoleHome } from '../console-home.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

const fileOf = (home: ConsoleHome): string => join(home.path, 'config.yaml');
const said = (home: ConsoleHome) => parse(readFileSync(fileOf(home), 'utf8'));

test('the strategy is changed by the keyboard, its difference is seen, and it holds', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, barriers } = await home.open();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  const strategy = page.getByLabel('routing.strategy');
  await strategy.focus();
  // The only one that begins so: a word typed slowly would be several searches.
  await page.keyboard.press('l');
  await page.getByText('1 change', { exact: true }).waitFor();
  const review = page.getByRole('button', { name: 'Review and save' });
  await review.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Review and save' });
  await dialog.locator('.diff .new', { hasText: 'strategy: least-busy' }).waitFor();
  await dialog.getByRole('button', { name: 'Save' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Saved and active.').waitFor();
  expect(said(home).routing).toEqual({ strategy: 'least-busy' });
  await page.reload();
  expect(await strategy.inputValue()).toBe('least-busy');
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByText('routing.strategy').waitFor();
  await page.getByRole('button', { name: 'Compare' }).first().click();
  await page.locator('.diff .gone', { hasText: 'least-busy' }).waitFor();
  await page.getByRole('button', { name: 'Restore this version' }).click();
  await page.getByText('The version is restored').waitFor();
  expect(said(home).routing).toBeUndefined();
  expect(complaints).toEqual([]);
  expect(await barriers()).toEqual([]);
});

test('a broken YAML has its problem at the line, is not saved, and is repaired', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  await goTo('settings?view=yaml');
  const editor = page.getByRole('textbox', { name: 'The configuration as YAML' });
  const text = await editor.inputValue();
  expect(text).not.toContain(home.clientKey);
  expect(text).not.toContain('key-of-steady');
  await editor.fill(`${text}request-retry: many\n`);
  const line = text.split('\n').length;
  await page.getByText('expected a whole number').first().waitFor();
  await page.getByRole('button', { name: `line ${line}`, exact: true }).click();
  expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
  // The line is in sight, and its mark beside it.
  await eventually(async () => {
    const mark = await page.locator('.yaml .mark.bad').boundingBox();
    const place = await page.locator('.yaml').boundingBox();
    return mark !== null && place !== null && mark.y > place.y && mark.y < place.y + place.height;
  });
  await page.getByRole('button', { name: 'Review and save' }).click();
  expect(await page.getByRole('dialog').getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  await page.keyboard.press('Escape');
  await editor.fill(`${text}request-retry: 2\n`);
  await page.getByText('Valid.').waitFor();
  await editor.press('Control+s');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved and active.').waitFor();
  expect(said(home)['request-retry']).toBe(2);
  expect(said(home)['api-keys']).toEqual([home.clientKey]);
  expect(complaints).toEqual([]);
});

test('a file broken by an editor is shown so, and a version of it is restored', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo, barriers } = await home.open();
  await goTo('settings');
  await page.getByLabel('routing.session-affinity', { exact: true }).check();
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved and active.').waitFor();
  const good = readFileSync(fileOf(home), 'utf8');
  writeFileSync(fileOf(home), `${good}api-keys: [\n`);
  await goTo('settings');
  await page.getByText('The file is not valid').waitFor();
  expect(await barriers()).toEqual([]);
  await goTo('settings?view=history');
  await page.getByRole('button', { name: 'Compare' }).first().click();
  await page.getByRole('button', { name: 'Restore this version' }).click();
  await page.getByText('The version is restored').waitFor();
  expect(said(home).routing).toEqual({ 'session-affinity': true });
  expect(await page.getByText('The file is not valid').count()).toBe(0);
});

test('a file changed meanwhile is not written over: what to do is said, and works', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo('settings?subject=retries');
  await page.getByLabel('request-retry', { exact: true }).fill('4');
  await page.getByRole('button', { name: 'Review and save' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('.diff .new').waitFor();
  writeFileSync(fileOf(home), stringify({ ...said(home), 'max-retry-credentials': 7 }));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('changed meanwhile by an editor').waitFor();
  await dialog.getByRole('button', { name: 'Compare mine with the file' }).click();
  await dialog.getByText('changed meanwhile').waitFor({ state: 'detached' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved and active.').waitFor();
  expect(said(home)).toMatchObject({ 'request-retry': 4, 'max-retry-credentials': 7 });
});

test('what needs a new start is said, before and after', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo('settings?subject=server');
  await page.getByLabel('tls.cert').fill('cert.pem');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByText('after a restart of the gateway: tls.cert').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.locator('.bar').getByText('after a restart of the gateway: tls.cert').waitFor();
});

test('a migrated config of the peer is read: what changes nothing here is said', async () => {
  const peer = join(import.meta.dir, '../../fixtures/config/peer-files');
  await using home = await consoleHome(browser);
  const { page, goTo, complaints, barriers } = await home.open();
  const own = said(home);
  const migrated = parse(readFileSync(join(peer, 'newest-example.yaml'), 'utf8'));
  writeFileSync(fileOf(home), stringify({ ...migrated, ...own }));
  await goTo('settings?view=yaml');
  await page.getByText('changes nothing').first().waitFor();
  await goTo('settings?subject=changed');
  await page.locator('.setting').first().waitFor();
  expect(await page.locator('.setting').count()).toBeGreaterThan(5);
  expect(complaints).toEqual([]);
  expect(await barriers()).toEqual([]);
});

test('a new management key is written, and never comes to the page', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo('settings?text=secret-key');
  const made = 'a-key-that-no-page-may-show-01';
  await page.getByLabel('remote-management.secret-key').fill(made);
  await page.getByRole('button', { name: 'Review and save' }).click();
  const shown = await page.getByRole('dialog').innerText();
  expect(shown).not.toContain(made);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await eventually(() => said(home)['remote-management']?.['secret-key'] === made);
});
