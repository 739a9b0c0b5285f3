import { expect, test } from 'bun:test';
import { parseConfig } from '../config/load.ts';
import { apiNames, keyLists } from '../providers/registry.ts';
import { credentialsFromConfig } from './from-config.ts';
import { poolSettings } from './pool-settings.ts';
import { strategies } from './strategy.ts';

function load(text: string) {
  const result = parseConfig(text, { file: 'config.yaml', env: { HOME: '/home/ann' } });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

/** The rules for each credential of the configuration, in its order. */
function rulesIn(text: string) {
  const config = load(text);
  return credentialsFromConfig(config).map(poolSettings(config).rulesOf);
}

test('a disabled entry serves nothing, in every list of keys', () => {
  const lists = keyLists.map(([list]) => `${list}: [{api-key: k, disabled: true}, {api-key: used-${list}}]`);
  const entries = '[{api-key: k, disabled: true}, {api-key: used}]';
  const others = `openai-compatibility: [{name: n, base-url: "http://h/v1", api-key-entries: ${entries}}]`;
  const secrets = credentialsFromConfig(load([...lists, others].join('\n'))).map(({ secret }) => secret);
  expect(secrets).toEqual([...keyLists.map(([list]) => `used-${list}`), 'used']);
});

test('a credential has its own numbers before those of its provider, and those before the general ones', () => {
  const [own, provider, general] = rulesIn(`
cooldown:
  probe: 10m
  quota: {first: 2s}
  providers: {claude: {quota: {first: 3s, longest: 5m}}}
claude-api-key:
  - {api-key: a, cooldown: {quota: {first: 4s}}, disable-cooling: true}
  - {api-key: b}
codex-api-key:
  - {api-key: c}
`);
  expect(own).toMatchObject({
    probe: 600_000,
    disabled: true,
    rules: { quota: { first: 4000, longest: 300_000 } },
  });
  expect(provider).toMatchObject({ disabled: false, rules: { quota: { first: 3000, longest: 300_000 } } });
  expect(general?.rules.quota).toMatchObject({ first: 2000, longest: 1_800_000 });
});

test('transient-error-cooldown-seconds is the rest after an error of the server; cooldown.unavailable wins over it', () => {
  const keys = 'codex-api-key: [{api-key: c}]\n';
  expect(rulesIn(`transient-error-cooldown-seconds: 90\n${keys}`)[0]?.rules.unavailable).toMatchObject({
    first: 90_000,
    longest: 90_000,
  });
  expect(
    rulesIn(
      `transient-error-cooldown-seconds: 90\ncooldown: {unavailable: {first: 1s, longest: 2s}}\n${keys}`,
    )[0]?.rules.unavailable,
  ).toMatchObject({ first: 1000, longest: 2000 });
});

test('a project switch that is turned off makes a quota that of the whole account', () => {
  expect(poolSettings(load('')).quotaOfAccount).toBe(false);
  expect(poolSettings(load('quota-exceeded: {switch-project: false}')).quotaOfAccount).toBe(true);
});

test('the configuration knows every strategy and every provider that there is', () => {
  for (const strategy of Object.keys(strategies))
    expect(String(load(`routing: {strategy: ${strategy}}`).routing.strategy)).toBe(strategy);
  for (const name of apiNames)
    expect(load(`cooldown: {providers: {${name}: {quota: {first: 7s}}}}`).cooldown.providers).toMatchObject({
      [name]: { quota: { first: 7000 } },
    });
});
