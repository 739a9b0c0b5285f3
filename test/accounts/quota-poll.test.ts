/** `quota.poll`: providers are asked what accounts have left, and stop being asked where they do not like it. */
import { beforeEach, expect, test } from 'bun:test';
import type { AccountName } from '../../sandbox/account-servers/services.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Credential } from '../../src/credentials/credential.ts';
import type { QuotaWindow } from '../../src/credentials/quota.ts';
import { takeProxies } from '../../src/gateway/upstream/proxy.ts';
import { createHttpClient } from '../../src/http-client/client.ts';
import { accountProviders } from '../../src/providers/registry.ts';
import { quotaPoll } from '../../src/server/quota-poll.ts';
import { fakeClock } from '../fake-clock.ts';
import { configOf } from '../gateway-harness.ts';
import { rootOf, signIn, text } from '../sandbox-flows.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { usageRecord } from '../usage-records.ts';

const sandbox = sandboxOfTests();
beforeEach(() => sandbox.reset());

const minute = 60_000;
/** What the provider's own address has in front of its paths. */
const bases = {
  claude: '',
  codex: '/backend-api/codex',
  kimi: '/coding',
  gemini: '',
  antigravity: '',
} as const satisfies Partial<Record<AccountName, string>>;
type Polled = keyof typeof bases;

async function credentialOf(name: Polled): Promise<Credential> {
  const { body } = await signIn(sandbox, name);
  const token = text(body.access_token);
  const [api] = accountProviders[name].apis({}, { baseUrl: rootOf(sandbox, name) + bases[name] });
  if (api === undefined) throw new Error('no API');
  return {
    ...{ id: `${name}-1`, label: name, provider: api.provider, baseUrl: api.baseUrl, prefix: undefined },
    secret: { current: () => token, renew: async () => ({ ok: true, token }) },
    ...{
      models: [],
      aliases: [],
      excludedModels: [],
      headers: {},
      proxyUrl: undefined,
      priority: 0,
      weight: 1,
    },
    ...{ disableCooling: undefined, requestRetry: undefined, websockets: false },
  };
}

function polling(credentials: readonly Credential[], every = '10m') {
  let now = Date.now();
  let ticks: (() => void) | undefined;
  const reported: { credential: string; windows: readonly QuotaWindow[] }[] = [];
  const lines: string[] = [];
  const note = (sentence: string): void => void lines.push(sentence);
  const poll = quotaPoll({
    http: createHttpClient(),
    ...{ userAgent: 'cli-proxy-api/test', proxies: takeProxies({}) },
    pool: () => ({
      reportQuota: ({ credential }, windows) => void reported.push({ credential: credential.id, windows }),
    }),
    log: { debug: note, info: note, warn: note },
    clock: {
      ...fakeClock(),
      now: () => now,
      every: (_ms, run) => {
        ticks = run;
        return () => {
          ticks = undefined;
        };
      },
    },
  });
  const configure = (interval: string): void =>
    poll.configure(configOf({ quota: { poll: interval } }), credentials);
  configure(every);
  return {
    poll,
    configure,
    reported,
    lines,
    running: () => ticks !== undefined,
    pass(ms: number) {
      now += ms;
    },
    used(credential: Credential) {
      const served = {
        credential: { id: credential.id, name: credential.label },
        ...({ provider: credential.provider.name, model: 'm', billing: 'subscription' } as const),
      };
      poll.add(usageRecord({ at: now, served }));
    },
  };
}

const inHours = (windows: readonly QuotaWindow[] = []) =>
  windows.map(({ name, model, left, resetsAt = 0, length }) => ({
    name,
    ...(model !== undefined && { model }),
    left: Math.round(left * 100) / 100,
    resets: Math.round((resetsAt - Date.now()) / (60 * minute)),
    ...(length !== undefined && { length: length / (60 * minute) }),
  }));

test.each<[Polled, ReturnType<typeof inHours>]>([
  [
    'claude',
    [
      { name: '5h', left: 0.76, resets: 2, length: 5 },
      { name: '7d', left: 0.64, resets: 72, length: 168 },
    ],
  ],
  [
    'codex',
    [
      { name: 'primary', left: 0.88, resets: 2, length: 5 },
      { name: 'secondary', left: 0.1, resets: 24, length: 168 },
      { name: 'bengalfox-primary', model: 'gpt-5.6-spark', left: 0.5, resets: 2, length: 5 },
    ],
  ],
  [
    'kimi',
    [
      { name: 'plan', left: 0.74, resets: 72 },
      { name: '5h', left: 0.85, resets: 2, length: 5 },
    ],
  ],
  [
    'gemini',
    [
      { name: 'requests', model: 'gemini-2.5-pro', left: 0.4, resets: 20 },
      { name: 'requests', model: 'gemini-2.5-flash', left: 0.9, resets: 20 },
    ],
  ],
])('%s tells the windows that its own program shows', async (name, expected) => {
  const credential = await credentialOf(name);
  const { poll, used, reported } = polling([credential]);
  used(credential);
  await poll.look();
  expect(reported.map(({ credential }) => credential)).toEqual([credential.id]);
  expect(inHours(reported[0]?.windows)).toEqual(expected);
});

test('antigravity tells it with its list of models', async () => {
  const credential = await credentialOf('antigravity');
  const { poll, used, reported } = polling([credential]);
  used(credential);
  await poll.look();
  expect(reported[0]?.windows).toContainEqual(
    expect.objectContaining({ name: 'requests', model: 'gemini-3-flash', left: 1, ofModel: true }),
  );
  expect(reported[0]?.windows.some(({ model }) => model?.startsWith('tab_'))).toBe(false);
});

test('only accounts used within the hour are asked, each as often as the owner says', async () => {
  const credential = await credentialOf('claude');
  const { poll, used, reported, pass } = polling([credential], '20m');
  await poll.look();
  expect(reported).toHaveLength(0);
  used(credential);
  for (const [passed, asked] of [
    [0, 1],
    [10, 1],
    [11, 2],
    [21, 3],
    [30, 3],
    [60, 3],
  ] as const) {
    pass(passed * minute);
    await poll.look();
    expect(reported).toHaveLength(asked);
  }
});

test.each([401, 403, 429])('a %d ends it for that account, until it is switched on anew', async (status) => {
  const [claude, kimi] = [await credentialOf('claude'), await credentialOf('kimi')];
  const { poll, used, reported, pass, lines, configure } = polling([claude, kimi]);
  sandbox.accounts.fault({ provider: 'claude', at: 'quota', fault: 'status', status });
  for (let turn = 0; turn < 3; turn++) {
    used(claude);
    used(kimi);
    await poll.look();
    pass(11 * minute);
  }
  expect(reported.map(({ credential }) => credential)).toEqual([kimi.id, kimi.id, kimi.id]);
  expect(lines.filter((line) => line.includes('quota polling of an account has stopped'))).toHaveLength(1);
  configure('0');
  configure('10m');
  used(claude);
  await poll.look();
  expect(reported.map(({ credential }) => credential)).toContain(claude.id);
});

test('other failures are passed over, and it is asked again', async () => {
  const credential = await credentialOf('claude');
  const { poll, used, reported, pass } = polling([credential]);
  sandbox.accounts.fault({ provider: 'claude', at: 'quota', fault: 'status', status: 503 });
  used(credential);
  await poll.look();
  expect(reported).toEqual([]);
  pass(11 * minute);
  await poll.look();
  expect(reported).toHaveLength(1);
});

test('it is off by default, and ten minutes are the least', async () => {
  const problems = (quota: object) => {
    const result = parseConfig(JSON.stringify({ quota }), { file: 'config.yaml', env: {} });
    return result.ok ? [] : result.problems.map(({ message }) => message);
  };
  expect(configOf({}).quota.poll).toBe(0);
  expect(polling([], '0').running()).toBe(false);
  for (const poll of ['10m', '1h', 0, '0']) expect(problems({ poll })).toEqual([]);
  for (const poll of ['1m', 599]) expect(problems({ poll }).join()).toContain('10m or more');
  const credential = await credentialOf('claude');
  const { poll, used, reported } = polling([credential], '0');
  used(credential);
  await poll.look();
  expect(reported).toEqual([]);
});
