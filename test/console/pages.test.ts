/** The console's pages in a real browser, before a gateway that really runs. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { startChromium } from '../chromium.ts';
import { eventually } from '../eventually.ts';
import { consoleHome, goodModel, hostile, limitedModel } from './console-home.ts';
import { faultsOf, looks, pagePaths } from './every-page.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

test.each(['wideLight', 'narrowDark'] as const)('every page, %s: no complaint, no barrier', async (look) => {
  await using home = await consoleHome(browser);
  expect(await home.ask(goodModel)).toBe(200);
  expect(await home.ask(limitedModel)).toBe(429);
  expect(await home.ask(`model ${hostile}`)).toBe(200);
  expect(await faultsOf(home, [looks[look]])).toEqual([]);
});

test('what is seen first needs no file but the page: it is painted while the scripts are awaited', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open();
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((done) => {
    letGo = done;
  });
  await page.route('**/assets/*', async (route) => {
    await held;
    await route.continue();
  });
  const going = page.goto(`${home.url}/console/`);
  await page.locator('.begun').waitFor();
  await eventually(() =>
    page.evaluate<boolean>(`performance.getEntriesByName('first-contentful-paint').length > 0`),
  );
  // Nothing that a page has: who waits for that waits for the page.
  expect(await page.locator('h1, nav, main, a, button').count()).toBe(0);
  letGo();
  await going;
  await page.locator('h1').waitFor();
  expect(complaints).toEqual([]);
});

test('a request arrives by itself, and its waterfall opens by the keyboard', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.getByText('No request yet').waitFor();
  expect(await home.ask(goodModel)).toBe(200);
  await page.getByRole('link', { name: goodModel }).waitFor();
  await page.keyboard.press('/');
  expect(await page.evaluate('document.activeElement.type')).toBe('search');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/console/requests/*');
  await page.locator('.waterfall').getByText('steady').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Mod');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/console/models');
  expect(complaints).toEqual([]);
});

test('a cooldown ends where it is shown', async () => {
  await using home = await consoleHome(browser);
  await home.ask(limitedModel);
  const { page } = await home.open();
  await page.goto(`${home.url}/console/accounts`);
  const card = page.locator('.account-card', { hasText: 'limited' });
  await card.getByRole('button', { name: 'End cooldown' }).click();
  await card.getByRole('button', { name: 'End cooldown' }).waitFor({ state: 'detached' });
  await page.getByText('The cooldown is over.').waitFor();
});

test('a key is made, used, limited, rotated and taken away', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open();
  const asWith = async (key: string): Promise<number> =>
    (await fetch(`${home.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  const shown = async (): Promise<string> => (await page.locator('.snippet pre').first().innerText()).trim();
  await page.goto(`${home.url}/console/keys`);
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill(hostile);
  await page.getByText('Expiry, limits').click();
  await page.getByLabel('Requests per minute').fill('5');
  await page.getByRole('button', { name: 'Save' }).click();
  const made = await shown();
  expect(await asWith(made)).toBe(200);
  const card = page.locator('li.card', { hasText: hostile });
  await card.getByText('0 of 5 used').waitFor();
  await card.getByText('0 requests today · not used yet').waitFor();
  expect(await home.ask(goodModel, made)).toBe(200);
  await card.getByText(/1 request today · used/).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  expect(await page.content()).not.toContain(made);
  await card.getByRole('button', { name: /Rotate/ }).click();
  await page.locator('.snippet').first().waitFor();
  const rotated = await shown();
  expect([await asWith(made), await asWith(rotated)]).toEqual([200, 200]);
  await card.getByRole('button', { name: 'Turn off' }).click();
  await card.getByRole('button', { name: 'Turn on' }).waitFor();
  expect(await asWith(rotated)).toBe(401);
  await card.getByRole('button', { name: 'Delete' }).click();
  await card.waitFor({ state: 'detached' });
  await page.getByText('Deleted.').waitFor();
  expect(await asWith(made)).toBe(401);
  expect(complaints).toEqual([]);
});

test('a gateway that stops is said to, and what was open comes back after a new sign-in', async () => {
  await using home = await consoleHome(browser, {
    'remote-management': { 'secret-key': 'management-key-of-the-tests' },
  });
  const { page } = await home.open();
  await page.goto(`${home.url}/console/models`);
  await page.getByText(goodModel).waitFor();
  await home.stop();
  await page.locator('.bar').waitFor();
  expect(await page.getByText(goodModel).isVisible()).toBe(true);
  await home.start();
  await page.getByLabel(/Management key/).fill('management-key-of-the-tests');
  await page.keyboard.press('Enter');
  await page.getByText(goodModel).waitFor();
  expect(await page.locator('.bar').count()).toBe(0);
});

test('a request says what of it was translated away, and what it came to', async () => {
  await using home = await consoleHome(browser);
  const answer = await fetch(`${home.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': home.clientKey },
    body: JSON.stringify({
      model: goodModel,
      max_tokens: 100,
      top_k: 5,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  });
  expect(answer.status).toBe(200);
  const { page, complaints, goTo } = await home.open();
  await goTo(`requests/${answer.headers.get('x-request-id')}`);
  await page.getByRole('heading', { name: 'Lost in translation' }).waitFor();
  await page.locator('code', { hasText: 'top_k' }).waitFor();
  await page.getByRole('heading', { name: 'Tokens and cost' }).waitFor();
  await page.getByRole('link', { name: `More of ${goodModel}` }).click();
  await page.locator('a.request-line', { hasText: goodModel }).waitFor();
  expect(complaints).toEqual([]);
});

test('two tabs share one stream, and the other goes on when one is closed', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open();
  const streams: string[] = [];
  await page.goto(`${home.url}/console/requests`);
  await page.getByText('No request yet').waitFor();
  const other = await page.context().newPage();
  other.on('request', (request) => {
    if (request.url().endsWith('/api/events')) streams.push(request.url());
  });
  await other.goto(`${home.url}/console/requests`);
  await other.getByText('No request yet').waitFor();
  await home.ask(goodModel);
  for (const tab of [page, other]) await tab.locator('a.request-line', { hasText: goodModel }).waitFor();
  expect(streams.length).toBe(0);
  await page.close();
  await home.ask(limitedModel);
  await other.locator('a.request-line', { hasText: limitedModel }).waitFor();
  expect(streams.length).toBe(1);
  expect(complaints).toEqual([]);
});

test('requests are narrowed by what the address says, by the bars, and held by the space bar', async () => {
  await using home = await consoleHome(browser);
  for (const model of [goodModel, limitedModel, goodModel]) await home.ask(model);
  const { page, complaints, goTo } = await home.open();
  const rows = page.locator('a.request-line');
  await goTo('requests');
  await rows.nth(2).waitFor();
  await page.getByLabel('Model', { exact: true }).selectOption(limitedModel);
  expect([await rows.count(), new URL(page.url()).searchParams.get('asked')]).toEqual([1, limitedModel]);
  await goTo('requests?status=ok');
  await rows.nth(1).waitFor();
  expect(await rows.count()).toBe(2);
  await page.getByLabel('Longer than').fill('3600');
  await page.getByText('No request matches the filter.').waitFor();
  await page.getByLabel('Longer than').fill('');
  await page.locator('.time-bars button').last().click();
  await page.getByRole('button', { name: /×$/ }).click();
  await rows.nth(1).waitFor();
  await page.locator('h1').click();
  await page.keyboard.press('Space');
  await home.ask(goodModel);
  await page.getByText('1 more since the pause').waitFor();
  expect(await rows.count()).toBe(2);
  await page.keyboard.press('Space');
  await rows.nth(2).waitFor();
  expect(complaints).toEqual([]);
});

test('the keys are listed, and what one can do is found by its name', async () => {
  await using home = await consoleHome(browser);
  await home.ask(limitedModel);
  const { page, goTo } = await home.open();
  await goTo('');
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Pause the list').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('cooldown limited');
  await page.keyboard.press('Enter');
  await page.getByText('The cooldown is over.').waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('turn off steady');
  await page.keyboard.press('Enter');
  await page.getByText('Turned off.').waitFor();
  expect(await home.ask(goodModel)).toBe(404);
});

test('a client key opens its own usage and no other page', async () => {
  await using home = await consoleHome(browser);
  await home.ask(goodModel);
  const { page, goTo, barriers } = await home.visit();
  await page.goto(`${home.url}/console/accounts`);
  await page.getByLabel(/Management key/).fill(home.clientKey);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Key / }).waitFor();
  expect(await page.locator('nav').count()).toBe(0);
  await goTo('accounts');
  expect(await page.locator('.account-card').count()).toBe(0);
  expect(await barriers()).toEqual([]);
});

test('markup in names from outside is shown as text', async () => {
  await using home = await consoleHome(browser);
  await home.ask(`model ${hostile}`);
  await home.ask(`missing ${hostile}`);
  const { page, complaints, goTo } = await home.open();
  for (const path of pagePaths) {
    await goTo(path);
    expect([path, await page.locator('main img').count()]).toEqual([path, 0]);
  }
  await goTo('requests');
  await page.locator('a.request-line').getByText(`missing ${hostile}`).waitFor();
  expect(complaints).toEqual([]);
});
