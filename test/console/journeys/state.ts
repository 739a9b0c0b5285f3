/** What the console says of accounts, quotas and money is true, in a real browser: nothing sounds better than it is. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { startSandbox } from '../../../sandbox/start.ts';
import { startChromium } from '../../chromium.ts';
import { consoleHome, goodModel, limitedModel } from '../console-home.ts';
import { looks } from '../every-page.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

test('an account whose only model is in cooldown serves nothing, and the first sentence says until when', async () => {
  await using home = await consoleHome(browser);
  expect(await home.ask(limitedModel)).toBe(429);
  const { page, goTo, complaints } = await home.open();
  await goTo('');
  const sentence = page.locator('h1.sentence');
  await sentence.getByText('3 of 4 accounts serve.').waitFor();
  await sentence.getByText(/^limited .* is in cooldown until \d\d:\d\d/).waitFor();
  expect(await sentence.getAttribute('class')).toContain('warn');
  await goTo('accounts?state=cooldown');
  const card = page.locator('.account-card');
  await card.getByText('cooldown', { exact: true }).waitFor();
  expect(await card.count()).toBe(1);
  await card.getByText(/^until \d\d:\d\d/).waitFor();
  await card.locator('a').click();
  await page.locator('.stated').getByText('cooldown', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'End cooldown' }).first().click();
  await page.getByText('The cooldown is over.').waitFor();
  await goTo('');
  await sentence.getByText('All 4 accounts serve.').waitFor();
  expect(await sentence.getByText('in cooldown').count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('an account with one of two models in cooldown is ready in part, and says which', async () => {
  const sandbox = startSandbox();
  try {
    await using home = await consoleHome(browser, {
      'openai-compatibility': [
        {
          name: 'both',
          'base-url': `${sandbox.url}/v1`,
          'api-key-entries': [{ 'api-key': 'key-429-retry-3000' }],
          models: [
            { name: 'sandbox', alias: 'first-model' },
            { name: 'sandbox-2', alias: 'second-model' },
          ],
        },
      ],
    });
    expect(await home.ask('first-model')).toBe(429);
    const { page, goTo } = await home.open();
    await goTo('');
    const sentence = page.locator('h1.sentence');
    await sentence.getByText('The account serves.').waitFor();
    await sentence.getByText(/^both .* · sandbox is in cooldown until \d\d:\d\d/).waitFor();
    expect(await sentence.getAttribute('class')).toContain('warn');
    await goTo('accounts');
    const card = page.locator('.account-card');
    await card.getByText('ready in part').waitFor();
    await card.getByText(/^sandbox: until \d\d:\d\d/).waitFor();
    await card.locator('a').click();
    await page.getByText('Serves 1 of 2 models now, the others are in cooldown.').waitFor();
  } finally {
    await sandbox.stop();
  }
});

test('a request whose price nobody knows does not look free', async () => {
  await using home = await consoleHome(browser);
  expect(await home.ask(goodModel)).toBe(200);
  const { page, goTo } = await home.open();
  const cost = page.locator('.figure', { hasText: 'Cost' }).locator('strong');
  await goTo('');
  await cost.getByText('price unknown').waitFor();
  await goTo('usage?show=cost');
  await page.getByText(/^Cost price unknown;/).waitFor();
  // The line of the key, and the total.
  expect(await page.locator('td').getByText('price unknown').count()).toBe(2);
  expect(await page.locator('td').getByText('$0', { exact: true }).count()).toBe(0);
  await goTo('requests');
  await page.locator('a.request-line').first().click();
  await page.locator('.facts').getByText('price unknown').waitFor();
});

test('on a phone a table is cards: no column is out of sight', async () => {
  await using home = await consoleHome(browser);
  expect(await home.ask(goodModel)).toBe(200);
  for (const locale of ['en', 'zh-CN']) {
    const { page, goTo } = await home.open({ ...looks.narrowLight, locale });
    for (const path of ['usage', 'usage?by=model&and=credential', 'system']) {
      await goTo(path);
      await page.locator('.table td').first().waitFor();
      const cut = await page.evaluate<
        string[]
      >(`[...document.querySelectorAll('.table td, .table th[scope=row]')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth)
        .map((one) => one.textContent)`);
      expect([locale, path, cut]).toEqual([locale, path, []]);
    }
    await page.context().close();
  }
});

test('a new key is saved without a look at its limits, and its limits are one step away', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open(looks.narrowDark);
  await goTo('keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('phone');
  const save = page.getByRole('button', { name: 'Save' });
  // On the first screen, above the bar of pages.
  expect((await save.boundingBox())?.y).toBeLessThan(700);
  expect(await page.getByLabel('Tokens per minute').isVisible()).toBe(false);
  await page.getByText('Expiry, limits, budgets, allowed models').click();
  await page.getByLabel('Tokens per minute').fill('1000');
  await save.click();
  const card = page.locator('li.card', { hasText: 'phone' });
  await card.getByText('0 of 1K used').waitFor();
  await card.getByRole('button', { name: 'Change' }).click();
  // What is limited is shown at once.
  await page.getByRole('spinbutton', { name: 'Tokens per minute' }).waitFor();
});
