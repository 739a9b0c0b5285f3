/** A gateway with accounts, keys, names of models, a fortnight of usage and requests of today: what a picture needs. All of it is made up. */
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { idOfDigest, keyDigest } from '../../src/config/hashed-key.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { type Household, household } from '../accounts/household.ts';
import { agree, printedAddress } from '../accounts/sign-in.ts';
import { freePort } from '../free-port.ts';
import { usageRecord } from '../usage-records.ts';
import { writeUsage } from './written-usage.ts';

export interface DemoHome extends AsyncDisposable {
  url: string;
  /** Of the client key that has limits. */
  clientKey: string;
  /** An address that signs in once. */
  ticketAddress(): Promise<string>;
}

const keys = [
  { key: 'sk-laptop-4f1b7c90d2a84e6f', name: 'laptop', note: 'Claude Code and Codex' },
  {
    key: 'sk-team-ci-81c5e0f7a3d94b2e',
    name: 'ci',
    'requests-per-minute': 60,
    budget: { day: { usd: 20, tokens: 5_000_000 } },
    models: ['fast', 'gemini-*'],
  },
  { key: 'sk-notebook-2a9d6e13b7c8f045', name: 'notebook', expires: '2027-06-30' },
];

const hour = 3600_000;
const days = 14;

/** `port` is the gateway's; it has been used for so many `minutes` when it is given. */
export async function demoHome(port: number, minutes: number): Promise<DemoHome> {
  let target = '';
  const provider = quotaTelling(() => target);
  const addresses = sandboxProviders(provider.url.href.replace(/\/$/, ''));
  const withPort = async <Name extends keyof typeof addresses>(name: Name) => ({
    ...addresses[name],
    oauth: { ...addresses[name].oauth, 'redirect-port': freePort() },
  });
  const models = (...names: string[]) => names.map((name) => ({ name }));
  const home = await household({
    port,
    'api-keys': keys,
    'request-retry': 1,
    routing: { strategy: 'round-robin', 'session-affinity': true },
    'model-routes': {
      smart: ['claude-opus-5', { model: 'gpt-5.2', effort: 'high' }],
      fast: { models: 'gemini-3-flash', rules: [{ when: 'images', models: 'gemini-3-pro' }] },
      'claude-haiku-*': 'fast',
    },
    'logging-to-file': true,
    providers: {
      ...addresses,
      claude: await withPort('claude'),
      codex: await withPort('codex'),
      gemini: await withPort('gemini'),
    },
    'openai-compatibility': [],
    'gemini-api-key': [
      {
        name: 'main',
        'api-key': 'key-of-main',
        'base-url': provider.url.href.replace(/\/$/, ''),
        models: models('gemini-3-flash', 'gemini-3-pro'),
      },
      {
        name: 'spare',
        'api-key': 'key-429-retry-900',
        'base-url': provider.url.href.replace(/\/$/, ''),
        models: models('gemini-3-flash'),
      },
    ],
  });
  target = home.recorder.url;
  for (const [name, person] of [
    ['claude', 'ada'],
    ['claude', 'grace'],
    ['codex', 'ada'],
  ] as const) {
    const login = home.start(['auth', name, '--no-browser']);
    await agree(await printedAddress(login), person);
    await login.exited;
  }
  await writeHistory(home);
  const serving = await home.serve();
  const url = `http://127.0.0.1:${port}`;
  await sendToday(url, minutes);
  return {
    url,
    clientKey: keys[1]?.key ?? '',
    async ticketAddress() {
      const { out, err } = await home.run('console', '--print');
      const address = /http\S+/.exec(out)?.[0];
      if (address === undefined) throw new Error(`There is no address to open: ${out}${err}`);
      return address;
    },
    async [Symbol.asyncDispose]() {
      await serving.end('SIGTERM');
      await home[Symbol.asyncDispose]();
      await provider.stop(true);
    },
  };
}

/** Lets everything through to the sandbox, whose answers then tell what is left, as those of subscriptions do. */
function quotaTelling(target: () => string) {
  let asked = 0;
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    development: false,
    async fetch(request) {
      const { pathname, search, host } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set('host', host);
      const answer = await fetch(target() + pathname + search, {
        method: request.method,
        headers,
        ...(request.body !== null && { body: await request.arrayBuffer() }),
        redirect: 'manual',
        decompress: false,
      });
      asked += 1;
      // As long as a model takes, more or less; the same each time.
      if (pathname !== '/' && request.method === 'POST') await Bun.sleep(180 + ((asked * 137) % 700));
      const told = new Headers(answer.headers);
      const soon = Math.floor(Date.now() / 1000);
      if (pathname.startsWith('/accounts/claude')) {
        told.set('anthropic-ratelimit-unified-status', 'allowed');
        told.set('anthropic-ratelimit-unified-5h-utilization', String(0.41 + (asked % 7) * 0.02));
        told.set('anthropic-ratelimit-unified-5h-reset', String(soon + 8_000));
        told.set('anthropic-ratelimit-unified-7d-utilization', '0.23');
        told.set('anthropic-ratelimit-unified-7d-reset', String(soon + 300_000));
      }
      if (pathname.startsWith('/accounts/codex')) {
        told.set('x-codex-primary-used-percent', '72');
        told.set('x-codex-primary-window-minutes', '300');
        told.set('x-codex-primary-reset-at', String(soon + 5_000));
        told.set('x-codex-secondary-used-percent', '35');
        told.set('x-codex-secondary-window-minutes', '10080');
        told.set('x-codex-secondary-reset-at', String(soon + 400_000));
      }
      return new Response(answer.body, { status: answer.status, headers: told });
    },
  });
}

/** Which models were used, how much, and who served them. */
const mix = [
  {
    asked: 'smart',
    model: 'claude-opus-5',
    provider: 'claude-code',
    credential: 'claude-code/ada@sandbox.example',
    share: 5,
    nano: 42_000_000,
    billing: 'subscription',
  },
  {
    asked: 'claude-sonnet-5',
    model: 'claude-sonnet-5',
    provider: 'claude-code',
    credential: 'claude-code/grace@sandbox.example',
    share: 4,
    nano: 19_000_000,
    billing: 'subscription',
  },
  {
    asked: 'gpt-5.2',
    model: 'gpt-5.2',
    provider: 'codex',
    credential: 'codex/ada@sandbox.example',
    share: 3,
    nano: 11_000_000,
    billing: 'subscription',
  },
  {
    asked: 'fast',
    model: 'gemini-3-flash',
    provider: 'gemini',
    credential: 'gemini/main',
    share: 6,
    nano: 2_400_000,
    billing: 'paid',
  },
] as const;

/** More by day than by night, less at weekends; the same each time. */
async function writeHistory(home: Household): Promise<void> {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const now = Date.now();
  const records: UsageRecord[] = [];
  for (let at = now - days * 24 * hour; at < now - 600_000; at += hour / 2) {
    const time = new Date(at);
    const busy = time.getHours() >= 8 && time.getHours() < 20 && time.getDay() % 6 !== 0;
    for (let count = Math.round(random() * (busy ? 9 : 1.4)); count > 0; count -= 1) {
      const used = mix.flatMap((one) => Array.from({ length: one.share }, () => one))[
        Math.floor(random() * 18)
      ];
      const key = keys[Math.floor(random() * random() * keys.length)];
      if (used === undefined || key === undefined) continue;
      const output = Math.round(80 + random() * 2400);
      const input = Math.round(2000 + random() * 60_000);
      const failed = random() < 0.03;
      records.push(
        usageRecord({
          at: Math.round(at + random() * (hour / 2)),
          rnd: Math.floor(random() * 2 ** 47),
          key: { id: idOfDigest(keyDigest(key.key)), name: key.name },
          asked: used.asked,
          served: {
            credential: { id: used.credential, name: used.credential },
            ...{ provider: used.provider, model: used.model, billing: used.billing },
          },
          status: failed ? 529 : 200,
          error: failed ? 'overloaded' : undefined,
          ttft: Math.round(350 + random() * 900),
          duration: Math.round(1200 + output * 9),
          usage: {
            tokens: {
              input,
              cacheRead: Math.round(input * 0.6),
              cacheWrite: 0,
              cacheWrite1h: 0,
              output,
              reasoning: 0,
            },
            counted: 'provider',
            tier: undefined,
            cost: { nano: Math.round(used.nano * (0.4 + random())), source: 'list' },
          },
          attempts: [],
        }),
      );
    }
  }
  await writeUsage(home.accounts, records);
}

/** Requests of all protocols, to a model whose second key is over its limit, too, and to a name that nobody serves. */
async function sendRound(url: string, round: number): Promise<void> {
  const texts = ['Hello', 'say 40 words', 'say 120 words', 'What is a proxy?', 'say 300 words'];
  const content = texts[round % texts.length];
  const messages = [{ role: 'user', content }];
  const send = async (name: string, path: string, body: Record<string, unknown>): Promise<void> => {
    const key = keys.find((one) => one.name === name)?.key ?? '';
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    await answer.text();
  };
  await Promise.all([
    send('laptop', '/v1/messages', { model: 'claude-sonnet-5', max_tokens: 900, stream: true, messages }),
    send(round % 3 ? 'ci' : 'notebook', '/v1/chat/completions', { model: 'fast', stream: true, messages }),
    ...(round % 2
      ? [send('laptop', '/v1/responses', { model: 'gpt-5.2', input: content, stream: true })]
      : [send('notebook', '/v1/chat/completions', { model: 'smart', messages })]),
    ...(round % 9 === 8 ? [send('notebook', '/v1/chat/completions', { model: 'gpt-9', messages })] : []),
  ]);
}

/** For so many minutes, more in one and fewer in the next; at least a dozen rounds at once. */
async function sendToday(url: string, minutes: number): Promise<void> {
  const until = Date.now() + minutes * 60_000;
  for (let round = 0; round < 12 || Date.now() < until; round += 1) {
    await sendRound(url, round);
    if (round < 12) continue;
    const wave = Math.sin((Date.now() / 60_000) * 1.3) + 1.2;
    await Bun.sleep(6000 / wave);
  }
}
