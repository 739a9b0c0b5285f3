import { describe, expect, test } from 'bun:test';
import { parseConfig } from '../config/load.ts';
import { createCatalog, suffixAmount } from './catalog.ts';
import { credentialsFromConfig } from './from-config.ts';

function catalogOf(yaml: string) {
  const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return createCatalog(credentialsFromConfig(result.config), result.config['force-model-prefix']);
}

const twoAccounts = `
gemini-api-key:
  - api-key: AIzaSyPersonal
    prefix: personal
  - api-key: AIzaSyWorkWork
    prefix: work
    excluded-models: ["*-preview", gemini-2.5-pro]
`;

function labels(yaml: string, model: string): string[] | undefined {
  return catalogOf(yaml)
    .route(model)
    ?.tiers.flat()
    .map(({ credential, model: name }) => `${credential.prefix ?? credential.provider.name}:${name}`);
}

test('a model without prefix is served by every account that has it', () => {
  expect(labels(twoAccounts, 'gemini-2.5-flash')).toEqual([
    'personal:gemini-2.5-flash',
    'work:gemini-2.5-flash',
  ]);
});

test('a prefix in the model name chooses the account and is not sent on', () => {
  expect(labels(twoAccounts, 'work/gemini-2.5-flash')).toEqual(['work:gemini-2.5-flash']);
});

test('excluded models, with wildcards, are not served by that account', () => {
  expect(labels(twoAccounts, 'gemini-2.5-pro')).toEqual(['personal:gemini-2.5-pro']);
  expect(labels(twoAccounts, 'work/gemini-3-pro-preview')).toBeUndefined();
});

test('with force-model-prefix a model without prefix is served only by accounts without one', () => {
  expect(labels(`force-model-prefix: true\n${twoAccounts}`, 'gemini-2.5-flash')).toBeUndefined();
  expect(labels(`force-model-prefix: true\n${twoAccounts}`, 'personal/gemini-2.5-flash')).toHaveLength(1);
});

test('a model that no list names yet goes to the provider whose family it is', () => {
  expect(labels(twoAccounts, 'gemini-9-ultra')).toEqual(['personal:gemini-9-ultra', 'work:gemini-9-ultra']);
});

const aliased = `
claude-api-key:
  - api-key: sk-ant-1
    models: [{name: claude-3-5-sonnet-20241022, alias: claude-sonnet-latest}]
openai-compatibility:
  - name: openrouter
    prefix: router
    base-url: https://openrouter.ai/api/v1
    api-key-entries: [{api-key: sk-or-1}, {api-key: sk-or-2}]
    models: [{name: anthropic/claude-3.5-sonnet, alias: claude-sonnet}]
`;

test('an alias is what clients ask for, the name is what the provider is asked', () => {
  expect(labels(aliased, 'claude-sonnet-latest')).toEqual(['claude:claude-3-5-sonnet-20241022']);
  expect(labels(aliased, 'router/claude-sonnet')).toEqual([
    'router:anthropic/claude-3.5-sonnet',
    'router:anthropic/claude-3.5-sonnet',
  ]);
});

test('a list of models is the whole of what a credential serves', () => {
  expect(labels(aliased, 'claude-opus-4-1-20250805')).toBeUndefined();
});

test('a reasoning suffix does not change who serves the model', () => {
  expect(labels(aliased, 'claude-sonnet-latest(high)')).toEqual(['claude:claude-3-5-sonnet-20241022']);
});

describe('B: a suffix is never part of the name that a provider is asked for', () => {
  test.each([
    'gemini-2.5-flash(high)',
    'gemini-2.5-flash (8192)',
    ' gemini-2.5-flash ',
    'gemini-2.5-flash\t',
    'models/gemini-2.5-flash(none)',
    'gemini-2.5-flash(low)(high)',
    'gemini-2.5-flash()',
    'gemini-2.5-flash(whatever)',
  ])('%j', (model) => {
    expect(labels(twoAccounts, model)).toEqual(['personal:gemini-2.5-flash', 'work:gemini-2.5-flash']);
  });

  test.each(['gemini-9(high)', 'personal/gemini-9(high)', 'Models/gemini-9(auto)'])(
    'nor where a family serves the name: %s',
    (model) => {
      for (const label of labels(twoAccounts, model) ?? ['none']) expect(label).toEndWith(':gemini-9');
    },
  );

  test.each([
    'gemini-9(high',
    'gemini-(9)-pro',
    'gemini-9 pro',
    'gemini-9\u200b',
    `gemini-${'9'.repeat(600)}`,
  ])('a name that no provider has is not served: %j', (model) => {
    expect(labels(twoAccounts, model)).toBeUndefined();
    expect(catalogOf(twoAccounts).suggestion(model).length).toBeLessThanOrEqual(3);
  });

  const literal = `
openai-compatibility:
  - name: local
    base-url: http://127.0.0.1:1/v1
    models: [{name: "qwen(high)"}, {name: qwen}, {name: "exact(v2)", alias: deep}]
`;
  test('a name with brackets that a list has is that name, and sets nothing', () => {
    const catalog = catalogOf(literal);
    for (const [asked, found, amount] of [
      ['qwen(high)', 'qwen(high)', undefined],
      ['Qwen(High)', 'qwen(high)', undefined],
      ['qwen(low)', 'qwen', { kind: 'effort', effort: 'low' }],
      ['deep(low)', 'exact(v2)', { kind: 'effort', effort: 'low' }],
      ['deep', 'exact(v2)', undefined],
    ] as const) {
      const route = catalog.route(asked);
      expect(route?.tiers[0]?.[0]?.model).toBe(found);
      expect(route && suffixAmount(route, asked)).toEqual(amount);
    }
  });

  test('all spellings of a name share one route, and so one order of credentials', () => {
    const catalog = catalogOf(twoAccounts);
    const route = catalog.route('gemini-2.5-flash');
    for (const name of [
      'Gemini-2.5-Flash',
      'gemini-2.5-flash(high)',
      'models/gemini-2.5-flash',
      'gemini-2.5-flash ',
    ])
      expect(catalog.route(name)).toBe(route);
  });
});

describe('B: no spelling gets round excluded-models', () => {
  const excluding = `
gemini-api-key:
  - api-key: AIzaSyWorkWork
    prefix: work
    excluded-models: [gemini-2.5-pro, "*-preview", gemini-9-secret]
`;
  const wrap = (name: string): string[] => [
    name,
    `${name} `,
    ` ${name}`,
    `${name}\u00a0`,
    `${name}\n`,
    `${name}(high)`,
    `${name} (high)`,
    `${name}(high) `,
    `${name}(high)(low)`,
    `${name}()`,
    name.toUpperCase(),
    `models/${name}`,
    `MODELS/${name}(8192)`,
    `models/models/${name}`,
  ];
  test.each(['gemini-2.5-pro', 'gemini-3-pro-preview', 'gemini-9-secret'].flatMap(wrap))('%j', (name) => {
    for (const asked of [name, `work/${name}`, `WORK/${name}`, `models/work/${name}`, `work/models/${name}`])
      expect(labels(excluding, asked)).toBeUndefined();
  });
});

test('letter case of model names does not count', () => {
  expect(labels(aliased, 'Claude-Sonnet-Latest')).toHaveLength(1);
});

test('an unknown name is answered with the nearest ones', () => {
  expect(catalogOf(aliased).suggestion('claude-sonet')[0]).toBe('claude-sonnet');
});

test.each([
  [`force-model-prefix: true\n${twoAccounts}`, 'gemini-2.5-flash', 'personal/gemini-2.5-flash'],
  [aliased.replace('alias: claude-sonnet}', 'alias: maker/some-sonnet}'), 'some-sonnet', 'maker/some-sonnet'],
])('a name is near that lacks nothing but its prefix: %#', (yaml, wanted, found) => {
  expect(catalogOf(yaml).suggestion(wanted)[0]).toBe(found);
});

test('higher priority comes first', () => {
  const yaml = `
claude-api-key:
  - {api-key: low, models: [{name: m}]}
  - {api-key: high, priority: 5, models: [{name: m}]}
`;
  expect(
    catalogOf(yaml)
      .route('m')
      ?.tiers.map((tier) => tier[0]?.credential.secret),
  ).toEqual(['high', 'low']);
});

test('16.6: thousands of credentials with the same models make a catalog in time', () => {
  const models = [
    { name: 'one', alias: 'one' },
    { name: 'one', alias: 'one' },
    { name: 'two', alias: 'two' },
  ];
  const loaded = parseConfig('claude-api-key: [{api-key: k}]', { file: 'config.yaml', env: {} });
  const [first] = loaded.ok ? credentialsFromConfig(loaded.config) : [];
  if (first === undefined) throw new Error('no credential');
  const many = Array.from({ length: 4000 }, (_, at) => ({ ...first, id: `c${at}`, models }));
  const began = performance.now();
  const catalog = createCatalog(many, false);
  expect(performance.now() - began).toBeLessThan(500);
  expect(catalog.route('one')?.tiers[0]).toHaveLength(4000);
});
