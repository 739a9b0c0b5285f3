import { expect, test } from 'bun:test';
import { createCatalog } from '../../src/credentials/catalog.ts';
import { createOfferedModels, listAge } from '../../src/gateway/offered-models.ts';
import { createHttpClient } from '../../src/http-client/client.ts';
import type { AccountKind } from '../../src/providers/registry.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { fakeClock } from '../fake-clock.ts';
import { configOf } from '../gateway-harness.ts';
import { credentialsOf, scriptedSource } from './accounts.ts';
import { type Asked, startUpstream } from './upstream.ts';

const list = (...ids: string[]) => Response.json({ object: 'list', data: ids.map((id) => ({ id })) });

function looking(answer: (asked: Asked) => Response) {
  const upstream = startUpstream(answer);
  const clock = { now: 0 };
  const offered = createOfferedModels({
    http: createHttpClient(),
    userAgent: 'cli-proxy-api/test',
    clock: { ...fakeClock(), now: () => clock.now },
    proxies: { proxyFor: () => undefined },
    log: createLog({ level: 'silent', format: 'json' }),
    inForce: () => configOf({}),
  });
  return { upstream, clock, offered, [Symbol.dispose]: () => upstream[Symbol.dispose]() };
}

test.each([
  { kind: 'claude', path: '/v1/models?limit=1000' },
  { kind: 'qwen', path: '/models' },
  { kind: 'iflow', path: '/models' },
  { kind: 'kimi', path: '/v1/models' },
  { kind: 'xai', path: '/models' },
] satisfies { kind: AccountKind; path: string }[])(
  '$kind: what it lists at $path is listed, and what was listed before still works',
  async ({ kind, path }) => {
    using deps = looking(() => list('new-model', 'new-image-model'));
    const credentials = credentialsOf({ kind, url: deps.upstream.url });
    const before = createCatalog(credentials, false).models();
    expect(await deps.offered.look(credentials)).toBe(true);
    const catalog = createCatalog(deps.offered.applied(credentials), false);
    expect(catalog.models().map(({ id }) => id)).toEqual(['new-model']);
    expect(catalog.route('new-model')).toBeDefined();
    for (const { id } of before) expect(catalog.route(id)).toBeDefined();
    const [asked] = deps.upstream.asked;
    expect(asked).toMatchObject({ method: 'GET', path, key: 'token-1' });
    expect(asked?.headers.get('user-agent')).toBe('cli-proxy-api/test');
  },
);

test('a list is asked for once in three hours, and a change of it is told', async () => {
  const answers = [list('a'), list('a'), list('a', 'b')];
  using deps = looking(() => answers.shift() ?? list());
  const credentials = credentialsOf({ kind: 'xai', url: deps.upstream.url });
  const told: boolean[] = [];
  for (const hours of [0, 1, 3, 6]) {
    deps.clock.now = hours * 3_600_000;
    told.push(await deps.offered.look(credentials));
  }
  expect(listAge).toBe(3 * 3_600_000);
  expect(told).toEqual([true, false, false, true]);
  expect(deps.upstream.asked.length).toBe(3);
});

test.each([
  { says: 'refuses', answer: () => new Response('no', { status: 403 }) },
  { says: 'lists nothing', answer: () => list() },
  { says: 'answers something else', answer: () => new Response('<html>') },
])('a provider that $says keeps the shipped list', async ({ answer }) => {
  using deps = looking(answer);
  const credentials = credentialsOf({ kind: 'xai', url: deps.upstream.url });
  expect(await deps.offered.look(credentials)).toBe(false);
  expect(deps.offered.applied(credentials)).toEqual(credentials);
});

test('nobody is asked with a token that has run out, nor who offers no list', async () => {
  using deps = looking(() => list('a'));
  const { url } = deps.upstream;
  const source = scriptedSource(undefined);
  const credentials = [
    ...credentialsOf({ kind: 'xai', url, source }),
    ...credentialsOf({ kind: 'gemini', url }),
    ...credentialsOf({ kind: 'codex', url }),
  ];
  expect(await deps.offered.look(credentials)).toBe(false);
  expect(deps.upstream.asked).toEqual([]);
  expect(source.rejected).toEqual([]);
});

test('a Codex plan decides what is listed', () => {
  const names = (plan: string | undefined) =>
    createCatalog(credentialsOf({ kind: 'codex', facts: { plan } }), false)
      .models()
      .map(({ id }) => id);
  expect(names('pro')).toContain('gpt-5.3-codex-spark');
  expect(names('plus')).not.toContain('gpt-5.3-codex-spark');
  expect(names('plus')).toContain('gpt-5.1-codex-max');
  expect(names('free')).not.toContain('gpt-5.1-codex-max');
  expect(names(undefined)).toEqual(names('pro'));
});

test('H4: a list of models is read up to bounds.account-answer, which a reload changes', async () => {
  const upstream = startUpstream(() => list('one', 'x'.repeat(2000)));
  let settings = configOf({ bounds: { 'account-answer': '1KiB' } });
  const clock = { now: 0 };
  const offered = createOfferedModels({
    http: createHttpClient(),
    userAgent: 'cli-proxy-api/test',
    clock: { ...fakeClock(), now: () => clock.now },
    proxies: { proxyFor: () => undefined },
    log: createLog({ level: 'silent', format: 'json' }),
    inForce: () => settings,
  });
  const credentials = credentialsOf({ kind: 'xai', url: upstream.url });
  const outcome = () => credentials.map(offered.outcomeOf);
  await offered.look(credentials);
  expect(outcome()).toEqual([{ reason: 'the answer is larger than 1024 bytes (bounds.account-answer)' }]);
  settings = configOf({ bounds: { 'account-answer': '4KiB' } });
  clock.now = listAge;
  await offered.look(credentials);
  expect(outcome()).toEqual([{ models: 1 }]);
  upstream[Symbol.dispose]();
});
