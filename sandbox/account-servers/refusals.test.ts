import { describe, expect, test } from 'bun:test';
import { agedSandbox } from '../../test/aged-sandbox.ts';
import { apiToken, ask, callOf, claude, iflowKey } from '../../test/sandbox-apis.ts';
import { browserNames, deviceNames, signIn, text } from '../../test/sandbox-flows.ts';
import { type AccountName, accountNames } from './services.ts';

const { sandbox, age } = agedSandbox();

/** The provider's own words for a token that is no longer good. */
const refusals: Record<AccountName, [number, object]> = {
  gemini: [401, { error: { code: 401, status: 'UNAUTHENTICATED' } }],
  antigravity: [401, { error: { code: 401, status: 'UNAUTHENTICATED' } }],
  vertex: [401, { error: { code: 401, status: 'UNAUTHENTICATED' } }],
  claude: [401, { type: 'error', error: { type: 'authentication_error' } }],
  codex: [401, { error: { code: 'token_expired' } }],
  qwen: [401, { error: { code: 'invalid_api_key' } }],
  iflow: [401, { error: { code: 'invalid_api_key' } }],
  kimi: [401, { error: { code: 'invalid_api_key' } }],
  xai: [403, { code: 'unauthenticated:bad-credentials' }],
};

describe('a token that is not good', () => {
  test.each(accountNames)('%s refuses one that has run out, was expired, or is none', async (name) => {
    const [status, body] = refusals[name];
    const refused = async (token: string) => {
      const response = await ask(sandbox, callOf(name), token);
      const answer: unknown = await response.json();
      expect(response.status).toBe(status);
      expect(answer).toMatchObject(body);
    };
    await refused('none');
    const token = await apiToken(sandbox, name);
    expect((await ask(sandbox, callOf(name), token)).status).toBe(200);
    expect(sandbox.accounts.expire({ provider: name })).toBeGreaterThan(0);
    await refused(token);
    sandbox.accounts.setLifetime(60, name);
    const short = await apiToken(sandbox, name);
    age(59_000);
    expect((await ask(sandbox, callOf(name), short)).status).toBe(200);
    age(61_000);
    await refused(short);
  });

  test.each([...browserNames, ...deviceNames])('%s refuses that of a revoked login', async (name) => {
    const token = await apiToken(sandbox, name);
    sandbox.accounts.revoke();
    expect((await ask(sandbox, callOf(name), token)).status).toBe(refusals[name][0]);
  });

  test('of another provider does not help', async () => {
    expect((await ask(sandbox, callOf('qwen'), await apiToken(sandbox, 'kimi'))).status).toBe(401);
  });

  test('iFlow takes the key of the user information, not the access token', async () => {
    const { body } = await signIn(sandbox, 'iflow');
    expect((await ask(sandbox, callOf('iflow'), text(body.access_token))).status).toBe(401);
    expect(
      (await ask(sandbox, callOf('iflow'), await iflowKey(sandbox, text(body.access_token)))).status,
    ).toBe(200);
  });
});

describe('faults of the API', () => {
  const quotas: [AccountName, object, Record<string, string>][] = [
    ['gemini', { error: { status: 'RESOURCE_EXHAUSTED', details: [{}, { retryDelay: '30s' }] } }, {}],
    [
      'antigravity',
      { error: { status: 'RESOURCE_EXHAUSTED', details: [{ metadata: { quotaResetDelay: '30s' } }, {}] } },
      {},
    ],
    ['vertex', { error: { status: 'RESOURCE_EXHAUSTED' } }, {}],
    [
      'claude',
      { error: { type: 'rate_limit_error' } },
      { 'retry-after': '30', 'anthropic-ratelimit-unified-status': 'rejected' },
    ],
    ['codex', { error: { type: 'usage_limit_reached', resets_in_seconds: 30, plan_type: 'plus' } }, {}],
    ['qwen', { error: { code: 'insufficient_quota' } }, {}],
    ['iflow', { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '30' }],
    ['kimi', { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '30' }],
    ['xai', { code: 'subscription:free-usage-exhausted' }, {}],
  ];

  test.each(quotas)(
    '%s tells in its own way that the quota is used up, as often as asked',
    async (name, body, headers) => {
      const token = await apiToken(sandbox, name);
      sandbox.accounts.fault({ provider: name, at: 'api', fault: 'quota', retryAfter: 30, times: 2 });
      for (let i = 0; i < 2; i++) {
        const response = await ask(sandbox, callOf(name), token);
        expect(response.status).toBe(429);
        const answer: unknown = await response.json();
        expect(answer).toMatchObject(body);
        for (const [header, value] of Object.entries(headers))
          expect(response.headers.get(header)).toBe(value);
      }
      expect((await ask(sandbox, callOf(name), token)).status).toBe(200);
    },
  );

  test('only the person who was meant is struck', async () => {
    const [ada, grace] = [await apiToken(sandbox, 'qwen'), await apiToken(sandbox, 'qwen', 'grace')];
    sandbox.accounts.fault({ person: 'grace', at: 'api', fault: 'unauthorized' });
    expect((await ask(sandbox, callOf('qwen'), ada)).status).toBe(200);
    expect((await ask(sandbox, callOf('qwen'), grace)).status).toBe(401);
    expect((await ask(sandbox, callOf('qwen'), grace)).status).toBe(200);
  });

  test('a status comes in the provider’s shape; faults of models work as everywhere, the person being the key', async () => {
    sandbox.accounts.fault({ at: 'api', fault: 'status', status: 503 });
    const token = await apiToken(sandbox, 'claude');
    const api = callOf('claude');
    const down = await ask(sandbox, api, token);
    const answer: unknown = await down.json();
    expect([down.status, answer]).toMatchObject([503, { error: { type: 'overloaded_error' } }]);
    const limited = { ...api, body: { ...claude, model: 'sandbox-fault-529@ada' } };
    expect((await ask(sandbox, limited, token)).status).toBe(529);
    expect((await ask(sandbox, limited, await apiToken(sandbox, 'claude', 'ada-team'))).status).toBe(200);
  });
});
