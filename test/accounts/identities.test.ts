/** Whose account a login is: the provider records ask the sandbox, which was built apart from them. */
import { beforeEach, expect, test } from 'bun:test';
import { accountsYaml } from '../../sandbox/account-servers/addresses.ts';
import { accountProvider, oauthClient } from '../../src/accounts/provider-overrides.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Identified } from '../../src/providers/account-provider.ts';
import { signInDeps, type TestDeps, tokenReply } from '../account-api.ts';
import { type BrowserName, type DeviceName, signIn } from '../sandbox-flows.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';

const sandbox = sandboxOfTests();
beforeEach(() => sandbox.reset());

const config = parseConfig(accountsYaml(sandbox.url), { file: 'config.yaml', env: {} });

async function identified(
  kind: BrowserName | DeviceName,
  person: string,
  deps: TestDeps = signInDeps(),
): Promise<Identified & { identity?: string | undefined }> {
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const provider = accountProvider(kind, config.config);
  const client = oauthClient(provider, { deviceId: 'device-1' });
  if (client === undefined) throw new Error(`${kind} has no client`);
  const { body } = await signIn(sandbox, kind, person);
  const result = await provider.identify(tokenReply(body), client, provider, deps);
  return result.ok ? { ...result, identity: provider.identity(result.facts) } : result;
}

const email = 'ada@sandbox.example';
const text = expect.any(String);

const adas: [kind: BrowserName | DeviceName, person: string, facts: object][] = [
  ['claude', 'ada', { email, accountId: text, organizationId: text, organizationName: 'Ada’s organization' }],
  ['codex', 'ada', { email, accountId: text, plan: 'plus', organizations: [{ id: 'org-ada' }] }],
  ['codex', 'ada-team', { email, accountId: text, plan: 'team' }],
  ['iflow', 'ada', { email, apiKey: text }],
  ['qwen', 'ada', { resourceUrl: text }],
  ['kimi', 'ada', { deviceId: 'device-1' }],
  ['xai', 'ada', { email, accountId: text }],
  ['gemini', 'ada', { email, projects: ['ada-main'], plan: 'standard-tier' }],
  ['gemini', 'grace', { projects: ['gen-lang-client-grace'], plan: 'free-tier' }],
  ['gemini', 'alan', { projects: ['alan-one'], plan: 'standard-tier' }],
  ['antigravity', 'ada', { email, projects: ['ada-main'] }],
  ['antigravity', 'grace', { projects: ['gen-lang-client-grace'] }],
];
test.each(adas)('%s: %s', async (kind, person, facts) => {
  expect(await identified(kind, person)).toMatchObject({ ok: true, facts });
});

test('two workspaces of one e-mail are two accounts at Codex, two organisations two at Claude', async () => {
  for (const kind of ['codex', 'claude'] as const) {
    const [one, other] = [await identified(kind, 'ada'), await identified(kind, 'ada-team')];
    expect(one.identity).toBeString();
    expect(other.identity).toBeString();
    expect(other.identity).not.toBe(one.identity);
  }
});

test.each(['claude', 'codex', 'iflow', 'xai', 'gemini', 'antigravity'] as const)(
  '%s: a second login of a person is the same account',
  async (kind) => {
    const first = await identified(kind, 'ada');
    expect(first.identity).toBeString();
    expect((await identified(kind, 'ada')).identity).toBe(first.identity);
  },
);

test('the API is turned on in a project where it is off, and ALL takes every project', async () => {
  expect(await identified('gemini', 'alan', signInDeps({ project: 'ALL' }))).toMatchObject({
    ok: true,
    facts: { projects: ['alan-one', 'alan-two'] },
  });
});

test("another person's project is refused in Google's words, with the account's e-mail", async () => {
  const result = await identified('gemini', 'alan', signInDeps({ project: 'ada-main' }));
  expect(result).toMatchObject({ ok: false, failure: { kind: 'refused' } });
  expect(JSON.stringify(result)).toContain('Permission denied on resource project ada-main');
  expect(JSON.stringify(result)).toContain('alan@sandbox.example');
});

test.each(['gemini', 'antigravity'] as const)(
  '%s: validation that Google wants is shown with its link',
  async (kind) => {
    sandbox.accounts.fault({ at: 'onboarding', fault: 'validation-required' });
    const result = await identified(kind, 'ada');
    expect(JSON.stringify(result)).toContain(`${sandbox.url}/accounts/${kind}/verify as ${email}`);
  },
);

test('setting up that stays pending ends', async () => {
  sandbox.accounts.fault({ at: 'onboarding', fault: 'pending', times: 1000 });
  const deps = signInDeps();
  expect(await identified('gemini', 'grace', deps)).toMatchObject({
    ok: false,
    failure: { kind: 'timed-out' },
  });
  expect(deps.waits.length).toBeGreaterThan(5);
});
