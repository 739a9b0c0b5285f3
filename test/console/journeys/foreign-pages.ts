/** Pages of other sites in the browser of an owner who is signed in, by every way that a browser has: nothing comes of them. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { startChromium } from '../../chromium.ts';
import { type ConsoleHome, consoleHome } from '../console-home.ts';
import { type ForeignSite, foreignSite, pageFor, type Seen } from '../foreign-page.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

/** Everything that a write could have changed, as it is on the disk and as the gateway says it. */
async function stateOf(home: ConsoleHome, owner: Page): Promise<unknown> {
  const asked = await owner.evaluate<unknown[]>(`Promise.all(
    ['sessions', 'accounts', 'models', 'management/client-keys', 'management/routing', 'requests?limit=100'].map(
      (place) => fetch('${home.url}/console/api/' + place, { headers: { 'x-console': '1' } }).then((answer) => answer.json()),
    ),
  )`);
  return {
    config: readFileSync(join(home.path, 'config.yaml'), 'utf8'),
    files: readdirSync(home.accounts).filter((name) => name.endsWith('.json')),
    // When something was used last is no change.
    asked: JSON.parse(JSON.stringify(asked).replaceAll(/"(?:used|lastUse)":"[^"]*"/g, '"used":""')),
  };
}

const opensAt = async (page: Page, address: string): Promise<Frame> => {
  await page.goto(address);
  return page.mainFrame();
};

/** The same page where it has no origin of its own: in a sandboxed frame. */
async function sandboxed(page: Page, site: ForeignSite, target: string): Promise<Frame> {
  await page.goto(`${site.address('http', 'localhost')}?empty`);
  await page.setContent(
    `<iframe sandbox="allow-scripts allow-forms allow-popups" srcdoc="${pageFor(target).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`,
  );
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  if (frame === null) throw new Error('the frame has no document');
  return frame;
}

const visits: Readonly<Record<string, (page: Page, site: ForeignSite, target: string) => Promise<Frame>>> = {
  'another port of the same host': (page, site) => opensAt(page, site.address('http', '127.0.0.1')),
  'another name of this computer': (page, site) => opensAt(page, site.address('http', 'localhost')),
  'another site': (page, site) => opensAt(page, site.address('http', 'evil.localhost')),
  'another site over TLS': (page, site) => opensAt(page, site.address('https', 'localhost')),
  'the same host over TLS': (page, site) => opensAt(page, site.address('https', '127.0.0.1')),
  'a sandboxed frame without an origin': sandboxed,
  'a data address': (page, _, target) =>
    opensAt(page, `data:text/html;charset=utf-8,${encodeURIComponent(pageFor(target))}`),
};

test.each(Object.keys(visits))('%s reads nothing and changes nothing', async (name) => {
  await using home = await consoleHome(browser);
  const target = `${home.url}/console/`;
  const site = foreignSite(target);
  try {
    const { page } = await home.open({ ignoreHTTPSErrors: true });
    await page.goto(`${target}keys`);
    await page.getByRole('button', { name: 'New key' }).waitFor();
    const before = await stateOf(home, page);
    const other = await page.context().newPage();
    other.on('dialog', (dialog) => void dialog.dismiss());
    const frame = await visits[name]?.(other, site, target);
    const results = (await frame?.evaluate<Seen>('window.results')) ?? {};
    expect(Object.keys(results).length).toBeGreaterThan(400);
    expect(
      Object.entries(results).filter(([, seen]) => /^(?:read|opened|registered|loaded)/.test(seen)),
    ).toEqual([]);
    // Cookies know no port: what keeps the session's from scripts is HttpOnly.
    expect([results.cookie, results.storage].join()).not.toContain('console');
    expect(other.frames().filter((one) => one !== frame && one.url().startsWith(target))).toEqual([]);
    expect(await stateOf(home, page)).toEqual(before);
    await page.reload();
    await page.getByRole('button', { name: 'New key' }).waitFor();
  } finally {
    site.stop();
  }
});

test('a page that gives its browser cookies of the same name signs nobody out', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints } = await home.open();
  const { port } = new URL(home.url);
  const site = foreignSite(`${home.url}/console/`);
  try {
    const other = await page.context().newPage();
    await other.goto(`${site.address('http', '127.0.0.1')}?empty`);
    await other.evaluate(`for (const path of ['/', '/console', '/console/api', '/console/api/overview', '/console/api/session'])
      for (const name of ['cli_proxy_api_console', 'cli_proxy_api_console_${port}'])
        document.cookie = name + '=' + 'x'.repeat(43) + '; path=' + path;`);
    await page.goto(`${home.url}/console/keys`);
    await page.getByRole('button', { name: 'New key' }).waitFor();
    expect(await page.getByLabel(/Management key/).count()).toBe(0);
    expect(complaints).toEqual([]);
  } finally {
    site.stop();
  }
});

test('two gateways on one host do not sign each other out', async () => {
  await using one = await consoleHome(browser);
  await using other = await consoleHome(browser);
  const { page, goTo } = await one.open();
  const printed = /http\S+/.exec((await other.run('console', '--print')).out)?.[0] ?? '';
  const second = await page.context().newPage();
  await second.goto(printed);
  await second.locator('nav').waitFor();
  await goTo('keys');
  await page.locator('nav').waitFor();
  await second.reload();
  await second.locator('nav').waitFor();
});

test('under a name that somebody else has pointed here, the console has no session and shows a sign-in', async () => {
  await using home = await consoleHome(browser);
  const { page } = await home.open();
  const rebound = await page.context().newPage();
  await rebound.goto(`${home.url.replace('127.0.0.1', 'rebound.localhost')}/console/`);
  await rebound.getByLabel(/Management key/).waitFor();
  expect(await rebound.locator('nav').count()).toBe(0);
  const status = await rebound.evaluate<number>(
    `fetch('api/overview', { headers: { 'x-console': '1' } }).then(({ status }) => status)`,
  );
  expect(status).toBe(401);
});

test('a ticket is in no address, no history, no referrer and no log, and opens once', async () => {
  await using home = await consoleHome(browser, { 'logging-to-file': true });
  const { out } = await home.run('console', '--print');
  const address = /http\S+/.exec(out)?.[0] ?? '';
  const ticket = new URLSearchParams(new URL(address).hash.slice(1)).get('ticket') ?? '';
  expect(ticket).toMatch(/^[\w-]{43}$/);
  const { page } = await home.visit();
  const said: string[] = [];
  page.on('request', (request) => said.push(request.url(), request.headers().referer ?? ''));
  await page.goto('about:blank');
  await page.goto(address);
  await page.locator('nav').waitFor();
  for (const path of ['logs', 'system', 'requests']) {
    await page.goto(`${home.url}/console/${path}`);
    await page.locator('h1').first().waitFor();
  }
  for (let back = 0; back < 5; back += 1) {
    await page.goBack().catch(() => null);
    said.push(page.url());
  }
  expect(said.filter((text) => text.includes(ticket))).toEqual([]);
  const files = [...new Bun.Glob('**/*').scanSync({ cwd: home.path, dot: true })];
  expect(files.some((file) => file.endsWith('.log'))).toBe(true);
  expect(files.filter((file) => readFileSync(join(home.path, file)).includes(ticket))).toEqual([]);
  const thief = await home.visit();
  await thief.page.goto(address);
  await thief.page.getByText(/has been used, or is too old/).waitFor();
});
