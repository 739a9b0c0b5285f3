/** How clients are pointed at the gateway: what the page shows is what `connect` prints, and holds no key but a new one. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { clients } from '../../src/clients/registry.ts';
import { startChromium } from '../chromium.ts';
import { consoleHome, goodModel, limitedModel } from './console-home.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

test('each client’s snippet is what "connect --print" prints, with the new key in it', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo, complaints, barriers } = await home.open();
  await goTo('keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  const card = page.locator('.card', { hasText: 'only time' });
  const key = (await card.locator('.snippet pre').first().innerText()).trim();
  await card.getByLabel('Model', { exact: true }).selectOption(goodModel);
  await card.locator('.snippet pre', { hasText: goodModel }).first().waitFor();
  const shorter = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
  for (const { name } of clients) {
    await card.getByLabel('Client', { exact: true }).selectOption(name);
    // Each run is a process: these have files, several of them, a recipe and both.
    const isCompared = ['claude', 'gemini', 'cursor', 'cline'].includes(name);
    const { out } = isCompared
      ? await home.run('connect', name, '--print', '--model', goodModel, '--url', home.url)
      : { out: undefined };
    const texts = (await card.locator('.snippet pre').allInnerTexts()).slice(1);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      const first = shorter(text.replaceAll(key, 'YOUR_CLIENT_KEY'));
      expect([name, out === undefined || shorter(out).includes(first)]).toEqual([name, true]);
      expect(text).not.toContain('YOUR_CLIENT_KEY');
    }
    expect(texts.join('\n')).toContain(home.url);
  }
  await card.getByLabel('Client', { exact: true }).selectOption('curl');
  expect(await card.locator('.snippet pre').last().innerText()).toContain(`Bearer ${key}`);
  expect(await barriers()).toEqual([]);
  expect(complaints).toEqual([]);
});

test('a kept key’s snippets hold none, and offer the models that it may use', async () => {
  const secret = 'key-of-ann-0123456789abcdef';
  await using home = await consoleHome(browser, {
    'api-keys': [{ key: secret, name: 'ann', models: [goodModel] }],
  });
  const { page, goTo } = await home.open();
  await goTo('keys');
  await page.getByRole('button', { name: 'Use it in a client' }).click();
  const models = page.getByLabel('Model', { exact: true });
  await models.waitFor();
  expect(await models.locator('option').allInnerTexts()).toContain(goodModel);
  expect(await models.locator('option').allInnerTexts()).not.toContain(limitedModel);
  expect(await page.locator('.snippet pre').first().innerText()).toContain('YOUR_CLIENT_KEY');
  expect(await page.content()).not.toContain(secret);
});

test('the owner of a client key has the snippets, for that key’s models', async () => {
  const secret = 'key-of-ann-0123456789abcdef';
  await using home = await consoleHome(browser, {
    'api-keys': [{ key: secret, name: 'ann', models: [goodModel] }],
  });
  const { page, barriers } = await home.visit();
  await page.goto(`${home.url}/console/`);
  await page.getByLabel(/Management key/).fill(secret);
  await page.keyboard.press('Enter');
  await page.getByLabel('Client', { exact: true }).selectOption('codex');
  await page.getByText('~/.codex/config.toml').waitFor();
  expect(await page.getByLabel('Model', { exact: true }).locator('option').allInnerTexts()).not.toContain(
    limitedModel,
  );
  expect(await barriers()).toEqual([]);
});
