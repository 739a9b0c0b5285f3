/** Which names an Antigravity account serves, before and after it was asked. */
import { describe, expect, test } from 'bun:test';
import { startSandbox } from '../../sandbox/start.ts';
import { type Catalog, createCatalog } from '../../src/credentials/catalog.ts';
import type { Credential } from '../../src/credentials/credential.ts';
import { createOfferedModels } from '../../src/gateway/offered-models.ts';
import { createHttpClient } from '../../src/http-client/client.ts';
import { parseJson } from '../../src/protocols/json.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { fakeClock } from '../fake-clock.ts';
import { configOf } from '../gateway-harness.ts';
import { credentialsOf } from './accounts.ts';
import { startUpstream } from './upstream.ts';

const account = (more: object = {}): Credential[] => credentialsOf({ kind: 'antigravity', ...more });
const catalogOf = (credentials: readonly Credential[]): Catalog => createCatalog(credentials, false);
const upstreamName = (catalog: Catalog, name: string): string | undefined =>
  catalog.route(name)?.tiers[0]?.[0]?.model;
const withAliases = (aliases: Credential['aliases']): Catalog =>
  catalogOf(account().map((credential) => ({ ...credential, aliases })));

const offering = (url: string) => {
  const offered = createOfferedModels({
    http: createHttpClient(),
    userAgent: 'cli-proxy-api/test',
    clock: fakeClock(),
    proxies: { proxyFor: () => undefined },
    log: createLog({ level: 'silent', format: 'json' }),
    inForce: () => configOf({}),
  });
  return { offered, credentials: account({ url, facts: { projects: ['my-project'] } }) };
};

describe('B: an Antigravity account that was not asked yet', () => {
  test.each([
    ['gemini-3.8-flash-high', 'gemini-3.8-flash-high'],
    ['gemini-pro-agent', 'gemini-pro-agent'],
    ['claude-opus-4-6-thinking', 'claude-opus-4-6-thinking'],
    ['gemini-3-pro-preview', 'gemini-3-pro-high'],
    ['gemini-3.1-pro-preview', 'gemini-3.1-pro-high'],
    ['gemini-3-flash-preview', 'gemini-3-flash'],
    ['gemini-3-pro-image-preview', 'gemini-3-pro-image'],
    ['gemini-claude-sonnet-4-5', 'claude-sonnet-4-5'],
    ['gemini-claude-opus-4-5-thinking', 'claude-opus-4-5-thinking'],
    ['Gemini-Claude-Sonnet-4-6(high)', 'claude-sonnet-4-6'],
    ['gemini-9-ultra-high', 'gemini-9-ultra-high'],
    ['claude-opus-9', 'claude-opus-9'],
    ['gpt-oss-9', 'gpt-oss-9'],
  ])('%s asks for %s', (name, own) => {
    expect(upstreamName(catalogOf(account()), name)).toBe(own);
  });

  test('lists the names that clients of the peer know', () => {
    const ids = catalogOf(account())
      .models()
      .map(({ id }) => id);
    for (const id of ['gemini-3-pro-preview', 'gemini-claude-sonnet-4-6', 'gemini-3.7-flash-high'])
      expect(ids).toContain(id);
  });

  test('an unknown name goes to the provider whose family it is, where there is one', () => {
    const catalog = catalogOf([...account(), ...credentialsOf({ kind: 'claude' })]);
    const providers = (name: string) =>
      catalog
        .route(name)
        ?.tiers.flat()
        .map(({ credential }) => credential.provider.name);
    expect(providers('claude-opus-9')).toEqual(['claude-code']);
    expect(providers('gemini-9-ultra')).toEqual(['antigravity']);
    expect(providers('gpt-5.5')).toBeUndefined();
  });
});

test('B: the account is asked for its models, and they are listed', async () => {
  using upstream = startUpstream(() =>
    Response.json({
      models: {
        'gemini-9-flash': { displayName: 'Gemini 9', quotaInfo: { remainingFraction: 1 } },
        'gemini-3.1-pro-low': {},
        'claude-opus-9': {},
        chat_20706: {},
        tab_flash_lite_preview: {},
        secret: { isInternal: true },
      },
    }),
  );
  const { offered, credentials } = offering(upstream.url);
  expect(await offered.look(credentials)).toBe(true);
  const [asked] = upstream.asked;
  expect(asked).toMatchObject({ method: 'POST', path: '/v1internal:fetchAvailableModels', key: 'token-1' });
  expect(parseJson(new TextDecoder().decode(asked?.body))).toEqual({ project: 'my-project' });
  const catalog = catalogOf(offered.applied(credentials));
  expect(catalog.models().map(({ id }) => id)).toEqual([
    'claude-opus-9',
    'gemini-3-pro-preview',
    'gemini-3.1-pro-low',
    'gemini-3.1-pro-preview',
    'gemini-9-flash',
    'gemini-claude-opus-9',
  ]);
  // An older client's name means the nearest model that the account has.
  expect(upstreamName(catalog, 'gemini-3.1-pro-preview')).toBe('gemini-3.1-pro-low');
  expect(upstreamName(catalog, 'gemini-3.8-flash-high')).toBe('gemini-3.8-flash-high');
});

test('B: the sandbox has the address, too', async () => {
  const sandbox = startSandbox({ pace: 0 });
  try {
    const refused = await fetch(`${sandbox.url}/accounts/antigravity/v1internal:fetchAvailableModels`, {
      method: 'POST',
      body: '{}',
    });
    expect(refused.status).toBe(401);
  } finally {
    await sandbox.stop();
  }
});

describe('B: oauth-model-alias', () => {
  test('with fork the original name stays, without it goes', () => {
    const both = withAliases([{ name: 'gemini-3-flash', alias: 'quick', fork: true }]);
    expect([upstreamName(both, 'quick'), upstreamName(both, 'gemini-3-flash')]).toEqual([
      'gemini-3-flash',
      'gemini-3-flash',
    ]);
    const one = withAliases([{ name: 'gemini-3-flash', alias: 'quick', fork: false }]);
    expect([upstreamName(one, 'quick'), upstreamName(one, 'gemini-3-flash')]).toEqual([
      'gemini-3-flash',
      undefined,
    ]);
    expect(upstreamName(one, 'gemini-3-flash-preview')).toBeUndefined();
  });

  test('the owner’s alias goes before the shipped one', () => {
    const catalog = withAliases([{ name: 'gemini-pro-agent', alias: 'gemini-3-pro-preview', fork: true }]);
    expect(
      catalog
        .route('gemini-3-pro-preview')
        ?.tiers.flat()
        .map(({ model }) => model),
    ).toEqual(['gemini-pro-agent']);
  });

  test('an excluded model is not reached by another of its names', () => {
    const catalog = catalogOf(
      account().map((credential) => ({ ...credential, excludedModels: ['gemini-3-flash', 'claude-*'] })),
    );
    for (const name of [
      'gemini-3-flash',
      'gemini-3-flash-preview',
      'gemini-claude-sonnet-4-6',
      'gemini-claude-x(high)',
    ])
      expect(upstreamName(catalog, name)).toBeUndefined();
  });
});
