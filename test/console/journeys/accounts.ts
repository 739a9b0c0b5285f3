/** Accounts in the console: added in every way, looked at, changed, deleted, in a real browser. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startChromium } from '../../chromium.ts';
import { eventually } from '../../eventually.ts';
import { type ConsoleHome, consoleHome, goodModel, hostile, limitedModel } from '../console-home.ts';
import { looks } from '../every-page.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

const config = (home: ConsoleHome) => parse(readFileSync(join(home.path, 'config.yaml'), 'utf8'));

test('an account is added in the browser: the page of the provider, Allow, and it serves', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts');
  await page.getByRole('link', { name: 'Add account' }).click();
  await page.getByRole('button', { name: /^Claude/ }).click();
  await page.getByRole('button', { name: 'Sign in to Claude' }).click();
  const opened = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'Open the page of Claude' }).click();
  const provider = await opened;
  await provider.getByText('Grace').click();
  await provider.getByRole('button', { name: 'Allow' }).click();
  await provider.waitForURL('http://localhost:*/callback?*');
  await page.getByText(/Signed in: .*grace@sandbox\.example/).waitFor();
  await page.getByRole('link', { name: 'Show the account' }).click();
  await page.getByRole('heading', { name: /grace/ }).waitFor();
  await page.getByText(/Serves \d+ models/).waitFor();
  expect(home.files().length).toBe(1);
  expect(complaints).toEqual([]);
});

test('with a browser elsewhere the address that it ended at is pasted; a wrong one says what to copy', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts/add?kind=claude');
  await page.getByRole('button', { name: 'Sign in to Claude' }).click();
  const address = await page.getByRole('link', { name: 'Open the page of Claude' }).getAttribute('href');
  const answer = await fetch(`${address}&sandbox_person=ada`, { redirect: 'manual' });
  await page.getByLabel(/paste the address here/).fill('http://localhost/nothing');
  await page.getByRole('button', { name: 'Finish' }).click();
  await page
    .getByRole('alert')
    .getByText(/Copy the whole address/)
    .waitFor();
  await page.getByLabel(/paste the address here/).fill(answer.headers.get('location') ?? '');
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.getByText(/Signed in: .*ada@sandbox\.example/).waitFor();
  expect(complaints.filter((line) => !line.includes('status of 400'))).toEqual([]);
});

test('an account is added with a code; cancelling ends a sign-in', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts/add?kind=qwen');
  await page.getByRole('button', { name: 'Get a code' }).click();
  const first = await page.locator('.device-code strong').innerText();
  await page.getByText(/The code is valid for \d+:\d\d more/).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Get a code' }).click();
  const second = await page.locator('.device-code strong').innerText();
  expect(second).not.toBe(first);
  expect(home.providers.accounts.decideDevice(second, 'ada')).toBe(true);
  await page.getByText(/Signed in: /).waitFor();
  expect(home.files().length).toBe(1);
  expect(complaints).toEqual([]);
});

test('a provider with a browser and a code offers both', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo('accounts/add?kind=codex');
  await page.getByRole('button', { name: 'With a code' }).click();
  await page.getByRole('button', { name: 'Get a code' }).click();
  const code = await page.locator('.device-code strong').innerText();
  expect(home.providers.accounts.decideDevice(code, 'ada')).toBe(true);
  await page.getByText(/Signed in: /).waitFor();
});

test('a declined sign-in says so, and can be tried again', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo('accounts/add?kind=claude');
  await page.getByRole('button', { name: 'Sign in to Claude' }).click();
  const opened = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'Open the page of Claude' }).click();
  await (await opened).getByRole('button', { name: 'Deny' }).click();
  await page
    .getByRole('alert')
    .getByText(/declined/)
    .waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: 'Open the page of Claude' }).waitFor();
});

test('files are said what they are before they are saved, and refused with the reason', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts/add');
  const good = {
    type: 'claude',
    email: 'ann@example.test',
    access_token: 'at-0001',
    refresh_token: 'rt-0001',
  };
  const file = (name: string, content: unknown) => ({
    name,
    mimeType: 'application/json',
    buffer: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  });
  await page
    .locator('input[type=file]')
    .setInputFiles([
      file('claude-ann.json', good),
      file('wrong.json', { ...good, type: 'nobody' }),
      file('torn.json', '{"type":'),
    ]);
  await page.getByText('claude · ann@example.test · new').waitFor();
  await page.getByText('no account file').waitFor();
  await page.getByRole('button', { name: 'Save 2 files' }).click();
  await page.locator('li', { hasText: 'claude-ann.json' }).getByText('saved').waitFor();
  await page
    .locator('li', { hasText: 'wrong.json' })
    .getByText(/type: expected/)
    .waitFor();
  expect(home.files()).toEqual(['claude-ann.json']);
  expect(await page.content()).not.toContain('rt-0001');
  expect(complaints.filter((line) => !line.includes('status of 400'))).toEqual([]);
});

test('keys of a provider, of a known service and of any other are added, and never shown again', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  const add = async (choice: string, keys: string, more: () => Promise<void> = async () => {}) => {
    await page.getByLabel('Provider or service').selectOption({ label: choice });
    await more();
    await page.getByLabel(/^Keys/).fill(keys);
    await page.getByRole('button', { name: /^Save/ }).click();
    await page.getByText(/saved and in use/).waitFor();
    expect(await page.getByLabel(/^Keys/).inputValue()).toBe('');
  };
  await goTo('accounts/add');
  await add('Claude API', 'sk-ant-canary-0001\n\nsk-ant-canary-0002');
  await add('OpenRouter', 'sk-or-canary-0001');
  await add('Another service …', 'sk-own-canary-0001', async () => {
    await page.getByLabel('Name of the service').fill('own');
    await page.getByLabel('Address of its API').fill('http://127.0.0.1:9/v1');
  });
  const said = config(home);
  expect(said['claude-api-key'].map((entry: { 'api-key': string }) => entry['api-key'])).toEqual([
    'sk-ant-canary-0001',
    'sk-ant-canary-0002',
  ]);
  expect(said['openai-compatibility'].at(-2)).toEqual({
    name: 'openrouter',
    'api-key-entries': [{ 'api-key': 'sk-or-canary-0001' }],
  });
  expect(said['openai-compatibility'].at(-1)).toMatchObject({
    name: 'own',
    'base-url': 'http://127.0.0.1:9/v1',
  });
  await goTo('accounts');
  await page.getByRole('link', { name: /^own/ }).click();
  await page.getByRole('heading', { name: /^own/ }).waitFor();
  expect(await page.content()).not.toContain('canary-');
  expect(complaints).toEqual([]);
});

test('what an owner says of an account is changed; it is switched off and on', async () => {
  await using home = await consoleHome(browser);
  const account = { type: 'claude', email: 'ann@example.test', access_token: 'at', refresh_token: 'rt' };
  writeFileSync(join(home.accounts, 'claude-ann.json'), JSON.stringify(account), { mode: 0o600 });
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts');
  await page.getByRole('link', { name: /ann@example/ }).click();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Note').fill(hostile);
  await page.getByLabel('Priority').fill('7');
  await page.getByLabel('Requests at the same time').fill('2');
  await page.getByLabel('Dollars per day', { exact: true }).fill('5.5');
  await page.getByLabel('Excluded models').fill('claude-3*, claude-2*');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved and active.').waitFor();
  expect(home.read('claude-ann.json')).toMatchObject({
    note: hostile,
    priority: 7,
    concurrency: 2,
    budget: { day: { usd: 5.5 } },
    excluded_models: ['claude-3*', 'claude-2*'],
    refresh_token: 'rt',
  });
  await page.getByRole('heading', { name: hostile }).waitFor();
  await page.getByRole('button', { name: 'Change' }).click();
  expect(await page.getByLabel('Priority').inputValue()).toBe('7');
  await page.getByLabel('Dollars per day', { exact: true }).fill('');
  await page.getByLabel('Note').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: /ann@example/ }).waitFor();
  expect(home.read('claude-ann.json')).not.toHaveProperty('budget');
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByText(/Turned off: it gets no request/).waitFor();
  expect(home.read('claude-ann.json').disabled).toBe(true);
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('button', { name: 'Turn off' }).waitFor();
  expect(home.read('claude-ann.json').disabled).not.toBe(true);
  expect(complaints).toEqual([]);
});

test('the budget of an account is set, shows what is used and left, and what is refused stays to be corrected', async () => {
  await using home = await consoleHome(browser, { prices: { '*': { input: 1000, output: 1000 } } });
  const { page, goTo } = await home.open();
  await goTo('accounts');
  await page.getByRole('link', { name: /^steady/ }).click();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Dollars per day', { exact: true }).fill('0');
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .locator('.notice.bad')
    .getByText(/budget/)
    .waitFor();
  await page.getByLabel('Dollars per day', { exact: true }).fill('2.5');
  await page.getByLabel('Tokens per month', { exact: true }).fill('5000');
  await page.getByRole('button', { name: 'Save' }).click();
  const limit = (name: string) => page.locator('.limits li', { hasText: name });
  await limit('Dollars per day').getByText('$2.50 left · $0 of $2.50 used').waitFor();
  expect(await home.ask(goodModel)).toBe(200);
  await limit('Tokens per month')
    .getByText(/left · [1-9]\d* of 5K used/)
    .waitFor();
  await limit('Dollars per day')
    .getByText(/\$0\.\d+ of \$2\.50 used/)
    .waitFor();
});

test('a key of the file is changed, switched off and deleted as an account is', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo('accounts');
  await page.getByRole('link', { name: /^steady/ }).click();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Priority').fill('3');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved and active.').waitFor();
  const steady = () =>
    config(home)['openai-compatibility'].find(({ name }: { name: string }) => name === 'steady');
  expect(steady().priority).toBe(3);
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('button', { name: 'Turn on' }).waitFor();
  expect(await home.ask(goodModel)).toBe(404);
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('button', { name: 'Turn off' }).waitFor();
  expect(await home.ask(goodModel)).toBe(200);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Deleted.').waitFor();
  expect(steady()).toBeUndefined();
});

test('deleting can be taken back; what is not is gone after some seconds', async () => {
  await using home = await consoleHome(browser);
  const account = { type: 'claude', email: 'ann@example.test', access_token: 'at', refresh_token: 'rt' };
  writeFileSync(join(home.accounts, 'claude-ann.json'), JSON.stringify(account), { mode: 0o600 });
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts');
  const line = page.getByRole('link', { name: /ann@example/ });
  await line.click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  expect(await line.count()).toBe(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await line.waitFor();
  expect(home.files()).toEqual(['claude-ann.json']);
  // The same from the list, by a selection; leaving the page does not undo it.
  await page.getByLabel(/Select .*ann@example/).check();
  await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await page.goto(`${home.url}/console/system`);
  await eventually(() => home.files().length === 0);
  expect(complaints).toEqual([]);
});

test('a cooldown is a bar with its reason, on its page and among all, and ends there', async () => {
  await using home = await consoleHome(browser);
  await home.ask(limitedModel);
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts');
  const bar = page.locator('.timeline li', { hasText: 'limited' });
  await bar
    .getByText(/quota|rate/)
    .first()
    .waitFor();
  await page
    .locator('.account-card')
    .getByRole('link', { name: /^limited/ })
    .click();
  await page.getByRole('heading', { name: /^limited/ }).waitFor();
  const own = page.locator('.timeline li').first();
  await own.getByRole('button', { name: /End cooldown of/ }).click();
  await page.getByText('The cooldown is over.').waitFor();
  await page.locator('.timeline').getByRole('button').first().waitFor({ state: 'detached' });
  // What is over stays to be seen, with the request that began it.
  await page.locator('.timeline li.past a').first().click();
  await page.locator('.waterfall').getByText('limited').waitFor();
  expect(complaints).toEqual([]);
});

test('an account is reached, read and left by the keyboard, with no barrier at any width', async () => {
  await using home = await consoleHome(browser);
  await home.ask(limitedModel);
  await home.ask(goodModel);
  for (const look of [looks.wideDark, looks.narrowLight]) {
    const { page, complaints, barriers, goTo } = await home.open(look);
    await goTo('accounts');
    await page.locator('.account-card').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/accounts/*');
    await page.locator('main .facts').waitFor();
    expect(
      Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')),
    ).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    expect(await barriers()).toEqual([]);
    await page.context().close();
  }
});

test('an account is tried where it is shown: it answers, or says why it does not', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, goTo } = await home.open();
  await goTo('accounts');
  const card = (name: string) => page.locator('.account-card', { hasText: name });
  await card('steady').getByText('not used yet').waitFor();
  await card('steady').getByRole('button', { name: /^Try/ }).click();
  await page.getByText(/steady.* works: it responded in/).waitFor();
  // The strip and the last use are what the gateway says afterwards.
  await card('steady').getByText(/^used/).waitFor();
  await card('steady').getByRole('img', { name: '1 succeeded, 0 failed' }).waitFor();
  await card('limited').getByRole('link').click();
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByText(/limited.* does not work: 429/).waitFor();
  await page.getByRole('link', { name: 'Show the request' }).click();
  await page.locator('.waterfall').getByText('limited').waitFor();
  expect(complaints).toEqual([]);
});

test('an account file is given to whoever shows the management key once more, and to nobody else', async () => {
  const managementKey = 'management-key-of-the-tests';
  await using home = await consoleHome(browser, { 'remote-management': { 'secret-key': managementKey } });
  const { page, goTo } = await home.open();
  writeFileSync(
    join(home.accounts, 'claude-ann.json'),
    JSON.stringify({
      ...{ type: 'claude', email: 'ann@example.test', access_token: 'at-0001', refresh_token: 'rt-0001' },
      expired: '2099-01-01T00:00:00Z',
    }),
  );
  await goTo('accounts?text=ann');
  await page.locator('.account-card').getByRole('link').click();
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByLabel('Management key').fill('a-wrong-key');
  await page.keyboard.press('Enter');
  await page.getByText(/This is not the management key/).waitFor();
  expect(await page.content()).not.toContain('rt-0001');
  await page.getByLabel('Management key').fill(managementKey);
  const download = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  const file = await download;
  expect(file.suggestedFilename()).toBe('claude-ann.json');
  expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toMatchObject({ refresh_token: 'rt-0001' });
  await page.getByLabel('Management key').waitFor({ state: 'detached' });
  expect(await page.content()).not.toContain('rt-0001');
});

test('a thousand keys scroll without a row too many, and one is found', async () => {
  const keys = Array.from({ length: 1000 }, (_, at) => ({
    'api-key': `key-number-${String(at).padStart(4, '0')}-of-many`,
    name: `many-${String(at).padStart(4, '0')}`,
  }));
  await using home = await consoleHome(browser, { 'claude-api-key': keys });
  const { page, goTo } = await home.open();
  await goTo('accounts');
  await page.locator('.account-card').first().waitFor();
  // What a frame costs is counted by long-lists.ts; here is how many rows there are in any of ninety.
  const most = await page.evaluate<number>(`new Promise((done) => {
    const rows = document.querySelector('.rows');
    let most = 0, frames = 0;
    const next = () => {
      most = Math.max(most, document.querySelectorAll('.account-card').length);
      rows.scrollTop += 900;
      if ((frames += 1) < 90) requestAnimationFrame(next); else done(most);
    };
    requestAnimationFrame(next);
  })`);
  expect(most).toBeGreaterThan(5);
  expect(most).toBeLessThan(60);
  await page.keyboard.press('/');
  await page.keyboard.type('many-0777');
  await page.getByRole('link', { name: /many-0777/ }).waitFor();
  expect(await page.locator('.account-card').count()).toBe(1);
});
