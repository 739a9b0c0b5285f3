import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { routeForm, writtenRoute } from '../../console/route-form.ts';
import { modelRoutes } from '../../src/config/model-route-keys.ts';

/** Where targets stand is how they are written, not what they mean. */
const meaning = (written: unknown): unknown =>
  JSON.parse(
    JSON.stringify(modelRoutes.parse({ r: written }), (key, value) => (key === 'at' ? undefined : value)),
  );

test.each([
  ['fast', 'fast'],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [{ models: ['a'] }, 'a'],
  [
    { model: 'a', effort: 'high' },
    { models: 'a', effort: 'high' },
  ],
  [
    { models: ['a'], rules: [{ when: { images: true }, model: 'b' }] },
    { models: 'a', rules: [{ when: 'images', models: 'b' }] },
  ],
  [
    {
      rules: [
        { when: { 'long-context': 9, thinking: false }, models: [{ model: 'b', timeouts: { stall: '1s' } }] },
      ],
    },
    {
      rules: [
        { when: { 'long-context': 9, thinking: false }, models: { model: 'b', timeouts: { stall: '1s' } } },
      ],
    },
  ],
])('the route %j is written %j', (before, after) => {
  expect(writtenRoute(routeForm('r', before))).toEqual(after);
});

test('law: a route that goes through the form means the same', () => {
  const name = fc.constantFrom('claude-opus-5', 'gpt-5.6(high)', 'fast', '*');
  const target = fc.oneof(
    name,
    fc.record(
      {
        model: name,
        effort: fc.constantFrom('high', 'none', '2000'),
        'max-output-tokens': fc.integer({ min: 1, max: 9000 }),
        timeouts: fc.constant({ stall: '10s' }),
      },
      { requiredKeys: ['model'] },
    ),
  );
  const models = fc.oneof(target, fc.array(target, { minLength: 1, maxLength: 3 }));
  const word = fc.constantFrom('images', 'web-search', 'thinking', 'background');
  const when = fc.oneof(
    word,
    fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
    fc.record({ 'long-context': fc.integer({ min: 1 }), images: fc.boolean() }, { requiredKeys: ['images'] }),
  );
  const rules = fc.array(fc.record({ when, models }), { minLength: 1, maxLength: 2 });
  const route = fc.oneof(
    name,
    fc.array(target, { minLength: 1, maxLength: 3 }),
    fc.record(
      { models, rules, effort: fc.constantFrom('low', 'auto'), 'max-output-tokens': fc.constant(100) },
      { requiredKeys: ['models'] },
    ),
  );
  fc.assert(
    fc.property(route, (written) => {
      expect(meaning(writtenRoute(routeForm('r', written)))).toEqual(meaning(written));
    }),
    { numRuns: 500 },
  );
});
