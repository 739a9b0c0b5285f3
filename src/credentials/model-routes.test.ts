import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseConfig } from '../config/load.ts';
import { createCatalog } from './catalog.ts';
import { defaultRules } from './cooldown-table.ts';
import { credentialsFromConfig } from './from-config.ts';
import { withModelRoutes } from './model-routes.ts';
import { createPool } from './pool.ts';
import { type AskedFeatures, missingText, targetText } from './route-target.ts';

function catalogOf(text: string) {
  const result = parseConfig(text, { file: 'config.yaml', env: { HOME: '/home/ann' } });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const { config } = result;
  const credentials = credentialsFromConfig(config);
  const catalog = createCatalog(credentials, config['force-model-prefix']);
  return { catalog: withModelRoutes(catalog, config['model-routes']), real: catalog, credentials };
}

const keys = `
claude-api-key:
  - {api-key: sk-ant-one, priority: 1}
  - {api-key: sk-ant-two}
gemini-api-key:
  - {api-key: AIzaWork, prefix: work, excluded-models: [gemini-3-flash]}
`;

const asked = (features: Partial<Record<keyof AskedFeatures, boolean>>, tokens = 0): AskedFeatures => ({
  tokens: () => tokens,
  images: () => features.images === true,
  webSearch: () => features.webSearch === true,
  thinking: () => features.thinking === true,
  background: () => features.background === true,
});

const leadsTo = (text: string, name: string, features?: AskedFeatures) => {
  const route = catalogOf(`${keys}model-routes:\n${text}`).catalog.route(name);
  const chosen = features === undefined ? route : route?.by?.choose?.(features);
  return chosen?.by?.targets.map(targetText);
};

test('without routes the catalogue is the very same', () => {
  const { catalog, real } = catalogOf(keys);
  expect(catalog).toBe(real);
});

test('the tiers of a model come behind all tiers of the one before it', () => {
  const { catalog } = catalogOf(`${keys}model-routes: {a: [claude-opus-5, gemini-2.5-pro]}`);
  const tiers = catalog.route('a')?.tiers.map((tier) => tier.map(({ credential }) => credential.priority));
  expect(tiers).toEqual([[1], [0], [0]]);
});

test('one route is one object for all spellings, so that whose turn it is goes on', () => {
  const { catalog } = catalogOf(`${keys}model-routes: {a: claude-opus-5, "b-*": gemini-2.5-pro}`);
  expect(catalog.route('A')).toBe(catalog.route('a(high)'));
  expect(catalog.route('b-1')).toBe(catalog.route('b-2'));
});

describe('what a route leads to', () => {
  test.each([
    ['  a: "claude-opus-5(high)"', 'a', ['claude-opus-5(high)']],
    // What is written for a model goes before what is written for all of them.
    [
      '  a: {models: ["claude-opus-5(low)", gemini-2.5-pro], effort: max}',
      'a',
      ['claude-opus-5(low)', 'gemini-2.5-pro(max)'],
    ],
    // A suffix of a route is for those of its models that say nothing.
    [
      '  a: ["b(high)"]\n  b: [claude-opus-5, "gemini-2.5-pro(1024)"]',
      'a',
      ['claude-opus-5(high)', 'gemini-2.5-pro(1024)'],
    ],
    ['  a: [a-lost, work/gemini-2.5-pro]', 'a', ['work/gemini-2.5-pro']],
    // A model that its credentials exclude is nobody's.
    ['  a: [work/gemini-3-flash, claude-opus-5]', 'a', ['claude-opus-5']],
    [
      '  claude-opus-5: [claude-opus-5, gemini-2.5-pro]\n  gemini-2.5-pro: [gemini-2.5-pro, claude-opus-5]',
      'gemini-2.5-pro',
      ['gemini-2.5-pro', 'claude-opus-5'],
    ],
    ['  claude-*: ["*", gemini-2.5-pro]', 'claude-sonnet-5', ['claude-sonnet-5', 'gemini-2.5-pro']],
    ['  claude-*: gemini-2.5-pro\n  claude-opus-5: claude-opus-5', 'claude-opus-5', ['claude-opus-5']],
  ])('%s: %s is %j', (text, name, expected) => {
    expect(leadsTo(text, name)).toEqual(expected);
  });

  test('with force-model-prefix the name needs it', () => {
    const { catalog } = catalogOf(
      `${keys}force-model-prefix: true\nmodel-routes: {a: gemini-2.5-pro, b: work/gemini-2.5-pro}`,
    );
    expect(catalog.route('a')).toBeUndefined();
    expect(catalog.deadRoute?.('a')).toEqual(['gemini-2.5-pro']);
    expect(catalog.route('b')?.by?.targets.map(targetText)).toEqual(['work/gemini-2.5-pro']);
  });
});

describe('rules', () => {
  const text = `  a:
    models: claude-opus-5
    rules:
      - {when: {long-context: 1000, images: false}, models: gemini-2.5-pro}
      - {when: [images, thinking], models: "claude-opus-5(max)"}
      - {when: web-search, models: nobody-has-it}
  b: [a]
`;
  test.each([
    [asked({}), ['claude-opus-5']],
    [asked({}, 1000), ['claude-opus-5']],
    [asked({}, 1001), ['gemini-2.5-pro']],
    [asked({ images: true }, 1001), ['claude-opus-5']],
    [asked({ images: true, thinking: true }, 1001), ['claude-opus-5(max)']],
    // A rule whose models nobody serves is as good as none.
    [asked({ webSearch: true }), ['claude-opus-5']],
  ])('the first that holds decides (%#), in routes of routes, too', (features, expected) => {
    expect(leadsTo(text, 'a', features)).toEqual(expected);
    expect(leadsTo(text, 'b', features)).toEqual(expected);
  });

  test('what nobody asks about is not found out', () => {
    const never = (): never => {
      throw new Error('asked');
    };
    const features = { ...asked({ background: true }), tokens: never, images: never, thinking: never };
    expect(
      leadsTo(
        '  a: {models: claude-opus-5, rules: [{when: background, models: gemini-2.5-pro}]}',
        'a',
        features,
      ),
    ).toEqual(['gemini-2.5-pro']);
  });
});

test('a target that nobody serves is named with its place and what was meant', () => {
  const { catalog } = catalogOf(`${keys}model-routes: {a: [claude-opus-5, gemni-2.5-pro], "b-*": "*"}`);
  const [missing, ...others] = catalog.missingTargets?.() ?? [];
  expect(others).toEqual([]);
  expect(missing && missingText(missing)).toStartWith(
    'model-routes.a[1]: no credential serves "gemni-2.5-pro"; did you mean gemini-2.5-pro',
  );
});

test('whoever is cooling down, the first model of which a credential is ready serves', () => {
  const { catalog, credentials } = catalogOf(`
openai-compatibility:
${[0, 1, 2].map((at) => `  - {name: p${at}, base-url: "http://127.0.0.1:1/v1", api-key-entries: [{api-key: a${at}}, {api-key: b${at}}, {api-key: c${at}}], models: [{name: m${at}}]}`).join('\n')}
model-routes: {a: [m0, m1, m2]}
`);
  const route = catalog.route('a');
  if (route === undefined) throw new Error('nobody serves it');
  const strategies = [
    'round-robin',
    'fill-first',
    'least-busy',
    'quota-aware',
    'weighted-round-robin',
  ] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...strategies),
      fc.array(fc.record({ fails: fc.boolean(), later: fc.nat(5000) }), { maxLength: 40 }),
      (strategy, events) => {
        const pool = createPool({ random: () => 0 });

        pool.configure(credentials, { strategy, rulesOf: () => defaultRules, quotaOfAccount: false });
        let now = 1_000_000;
        for (const { fails, later } of events) {
          const ready = new Set(pool.ready(route, 100, now).map(({ target }) => target?.name));
          const choice = pool.choose(route, { passOver: () => false }, now);
          const first = ['m0', 'm1', 'm2'].find((name) => ready.has(name));
          expect(choice.kind === 'chosen' ? choice.lease.candidate.target?.name : undefined).toBe(first);
          if (choice.kind === 'chosen') {
            const { lease } = choice;
            if (fails)
              pool.fail(
                lease,
                { kind: 'quota', model: lease.candidate.model, retryAfter: undefined, reason: '' },
                now,
              );
            else {
              pool.succeed(lease, now);
              pool.end(lease, now);
            }
          }
          now += later;
        }
      },
    ),
  );
});
