import { expect, test } from 'bun:test';
import { parseConfig } from './load.ts';

const parsed = (text: string, env = {}) => parseConfig(text, { file: 'c.yaml', env, variables: env });

test.each([
  ['api-keys: [{key: k, budget: {hour: {usd: 1}}}]', 'api-keys[0].budget.hour'],
  ['api-keys: [{key: k, budget: {day: {euros: 1}}}]', 'api-keys[0].budget.day.euros'],
  ['api-keys: [{key: k, limits: {models: [m]}}]', 'api-keys[0].limits'],
  ['api-keys: [{key: k, requests-per-hour: 3}]', 'api-keys[0].requests-per-hour'],
  ['api-keys: [{key: k, allowed-models: [m]}]', 'api-keys[0].allowed-models'],
  ['api-keys: [{key: k, valid-until: 2026-12-31}]', 'api-keys[0].valid-until'],
  ['api-keys: [{key: k, enabled: false}]', 'api-keys[0].enabled'],
  ['api-keys: [{key: k, owner: Ann}]', 'api-keys[0].owner'],
  ['gemini-api-key: [{api-key: k, enabled: false}]', 'gemini-api-key[0].enabled'],
  ['gemini-api-key: [{api-key: k, budget: {week: {usd: 1}}}]', 'gemini-api-key[0].budget.week'],
  ['claude-api-key: [{api-key: k, rateLimits: {rpm: 1}}]', 'claude-api-key[0].rateLimits'],
  [
    'openai-compatibility: [{name: n, base-url: "http://h/v1", expires-at: 2026-12-31}]',
    'openai-compatibility[0].expires-at',
  ],
  ['prices: {m: {input: 1, output: 2, reasoning: 9}}', 'prices.m.reasoning'],
  ['remote-management: {allowed-ips: [10.0.0.1]}', 'remote-management.allowed-ips'],
  ['metrics: {require-auth: true}', 'metrics.require-auth'],
  ['tls: {client-ca: ca.pem}', 'tls.client-ca'],
  ['ip-whitelist: [10.0.0.1]', 'ip-whitelist'],
])('a limit that nothing reads is a problem: %s', (text, key) => {
  const result = parsed(text);
  expect(result.ok ? [] : result.problems).toMatchObject([
    { key, message: 'unknown key', hint: expect.any(String) },
  ]);
});

test.each([
  'models:',
  'models: ""',
  'models: []',
  'models: [""]',
  'expires:',
  'expires: ""',
  'disabled:',
  'budget:',
  'budget: {day: {usd: }}',
  'requests-per-minute: null',
  'concurrency: ""',
  'requests-per-minute: ${LIMIT}',
  'expires: ${LIMIT}',
])('an empty limit of a client key is a problem: %s', (line) => {
  const result = parsed(`api-keys:\n  - key: k\n    ${line}\n`, { LIMIT: '' });
  expect(result.ok).toBe(false);
});

test('a client key that stands twice with other limits is a problem', () => {
  const twice = parsed('api-keys: [k, {key: k, budget: {day: {usd: 1}}}]');
  expect(twice).toMatchObject({ ok: false, problems: [{ key: 'api-keys[1]' }] });
  expect(parsed('api-keys: [k, k]')).toMatchObject({ ok: true, config: { 'api-keys': [{ key: 'k' }] } });
});

test('models that are kept from a mistyped kind of account are a problem', () => {
  const result = parsed('oauth-excluded-models: {calude: [m]}');
  expect(result).toMatchObject({ ok: false, problems: [{ key: 'oauth-excluded-models.calude' }] });
});

test('what protects nothing stays a warning, and a place for anchors is none', () => {
  const other = parsed(
    'gemini-api-key: [{api-key: k, colour: red}]\napi-keys: [{key: k, x-old: 1, note: , name: }]',
  );
  expect(other.ok ? other.warnings : other.problems).toMatchObject([{ key: 'gemini-api-key[].colour' }]);
});
