/** A gateway with the sandbox behind it and a browser before it: what the tests of the console's pages need. */
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { household } from '../accounts/household.ts';
import { freePort } from '../free-port.ts';

/** Text that would run, were it ever taken for markup. */
export const hostile = '<img src=x onerror=alert(1)>';
/** A model that answers, one whose provider is always over its limit, and one that takes its time. */
export const goodModel = 'good-model';
export const limitedModel = 'limited-model';
export const slowModel = 'slow-model';

export interface ConsoleHome extends AsyncDisposable {
  url: string;
  clientKey: string;
  /** The account servers in the place of the providers'. */
  providers: Sandbox;
  /** The directory of the account files, their names, and what one says. */
  accounts: string;
  files(): string[];
  read(file: string): Record<string, unknown>;
  /** The directory of the config. */
  path: string;
  /** Signed in by a ticket, as `cli-proxy-api console` opens it. */
  open(options?: BrowserContextOptions): Promise<WatchedPage>;
  /** The same, with the address that has signed in. */
  openWithTicket(): Promise<{ page: Page; ticket: string }>;
  /** A page that nobody has signed in to. */
  visit(options?: BrowserContextOptions): Promise<WatchedPage>;
  /** Runs a command of the program with the config. */
  run(...args: string[]): Promise<{ out: string; err: string; code: number }>;
  /** Sends a request as a client, with another key than the usual one where it is given, and answers its status. */
  ask(model: string, key?: string): Promise<number>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface WatchedPage {
  page: Page;
  /** Goes to a page of the console, and waits until it has its heading and its data. */
  goTo(path: string): Promise<void>;
  /** Everything the browser complained about so far, and every address outside the gateway. */
  complaints: string[];
  /** What axe finds wrong, a line each. Asked last of a page: it works under no policy. */
  barriers(): Promise<string[]>;
}

/** Milliseconds for which something that is to be shown is waited for. */
const slowest = 120_000;

/** `settings` are further keys of the config. */
export async function consoleHome(
  browser: Browser,
  settings: Record<string, unknown> = {},
): Promise<ConsoleHome> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const sandbox = startSandbox();
  const provider = (name: string, key: string, alias: string) => ({
    name,
    'base-url': `${sandbox.url}/v1`,
    'api-key-entries': [{ 'api-key': key }],
    models: [{ name: 'sandbox', alias }],
  });
  const home = await household({
    ...{ port, 'logging-to-file': true },
    'openai-compatibility': [
      provider('steady', 'key-of-steady', goodModel),
      provider('limited', 'key-429-retry-3000', limitedModel),
      provider('slow', 'key-slow-50', slowModel),
      provider(hostile, 'key-of-hostile', `model ${hostile}`),
    ],
    ...settings,
  });
  let serving = await home.serve();

  async function visit(options: BrowserContextOptions = {}): Promise<WatchedPage> {
    const context = await browser.newContext(options);
    // A computer that is ten times slower is no failure: what is waited for is what is shown.
    context.setDefaultTimeout(slowest);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${url}/`) && !request.url().startsWith('data:'))
        complaints.push(`outside: ${request.url()}`);
    });
    return {
      page,
      complaints,
      async goTo(path) {
        await page.goto(`${url}/console/${path}`);
        await page.locator('h1').first().waitFor();
        await page.locator('.loading').waitFor({ state: 'detached' });
      },
      async barriers() {
        const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
          `(async () => { ${axe.source}; return (await axe.run()).violations; })()`,
        );
        return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
      },
    };
  }

  /** Also the address that has signed in. */
  async function openWithTicket(options?: BrowserContextOptions) {
    const { out, err } = await home.run('console', '--print');
    const address = /http\S+/.exec(out)?.[0];
    if (address === undefined) throw new Error(`There is no address to open: ${out}${err}`);
    const watched = await visit(options);
    await watched.page.goto(address);
    await watched.page.locator('nav').waitFor();
    return { watched, ticket: address };
  }

  return {
    url,
    clientKey: home.clientKey,
    providers: home.sandbox,
    accounts: home.accounts,
    files: home.files,
    read: home.read,
    path: home.path,
    visit,
    run: home.run,
    open: async (options) => (await openWithTicket(options)).watched,
    openWithTicket: async () => {
      const { watched, ticket } = await openWithTicket();
      return { page: watched.page, ticket };
    },
    async ask(model, key = home.clientKey) {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
      });
      await response.text();
      return response.status;
    },
    async stop() {
      await serving.end('SIGTERM');
    },
    async start() {
      serving = await home.serve();
    },
    async [Symbol.asyncDispose]() {
      for (const context of browser.contexts()) await context.close();
      await home[Symbol.asyncDispose]();
      await sandbox.stop();
    },
  };
}
