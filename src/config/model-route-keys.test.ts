import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../protocols/json.ts';
import { formatProblem, parseConfig } from './load.ts';

const parsed = (text: string) =>
  parseConfig(`model-routes:\n${text}`, { file: 'config.yaml', env: { FAST: 'flash' } });

function routes(text: string) {
  const result = parsed(text);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config['model-routes'];
}

function problems(text: string): string[] {
  const result = parsed(text);
  return result.ok ? [] : result.problems.map(formatProblem);
}

/** What a route leads to, in short. */
const models = (text: string, name: string) =>
  routes(text)[name]?.models.map(({ model, effort, 'max-output-tokens': most }) =>
    [model, effort?.kind === 'effort' ? effort.effort : effort?.kind, most].filter(Boolean).join(' '),
  );

test.each([
  ['  a: x', ['x']],
  ['  a: [x, "y(high)"]', ['x', 'y(high)']],
  ['  a: [x, {model: y, effort: low}]', ['x', 'y low']],
  ['  a: {model: x, effort: none}', ['x off']],
  ['  a: {models: x, max-output-tokens: 9}', ['x 9']],
  ['  a: {models: [x, {model: y, effort: 8192}], effort: high}', ['x high', 'y budget']],
  ['  a: {models: {model: y, max-output-tokens: 5}, max-output-tokens: 9}', ['y 5']],
  ['  a: ${FAST}', ['flash']],
  ['  a: ["${FAST}"]', ['flash']],
  ['  a: {rules: [{when: images, models: x}]}', ['*']],
])('%s leads to %j', (text, expected) => {
  expect(models(text, 'a')).toEqual(expected);
});

test.each<[string, JsonObject]>([
  ['images', { images: true }],
  ['[images, thinking]', { images: true, thinking: true }],
  ['{long-context: 60000, web-search: false}', { 'long-context': 60000, 'web-search': false }],
])('when: %s', (when, expected) => {
  const [rule] = routes(`  a: {models: x, rules: [{when: ${when}, models: y}]}`).a?.rules ?? [];
  expect(JSON.parse(JSON.stringify(rule?.when))).toEqual(expected);
});

describe('what is wrong is said with its line', () => {
  test.each([
    ['  a: []', 'config.yaml:2:6  model-routes.a: this route names no model'],
    ['  a: {effort: high}', 'model-routes.a: this route names no model'],
    ['  a: [{modl: x}]', 'model-routes.a[0].modl: unknown key'],
    ['  a: {models: x, ruls: []}', 'model-routes.a.ruls: unknown key'],
    ['  a: {models: x, rules: [{when: images}]}', 'model-routes.a.rules[0]: this rule names no model'],
    ['  a: {models: x, rules: [{when: {}, models: y}]}', 'this rule has no condition on the request'],
    [
      '  a: {models: x, rules: [{when: imges, models: y}]}',
      'expected images, web-search, thinking, background',
    ],
    ['  a: [{model: x, effort: hig}]', 'model-routes.a[0].effort: expected none, auto'],
    ['  a: [x, "y-*"]', 'config.yaml:2:10  model-routes.a[1]: "y-*" is no name of a model'],
    ['  a: x\n  A: y', 'config.yaml:3:3  model-routes.A: is the same name as "a"'],
  ])('%s', (text, sentence) => {
    expect(problems(text).join('\n')).toContain(sentence);
  });
});

describe('a condition that is none', () => {
  test.each([
    ['{models: x, rules: [{when: imges, models: y}]}', 'did you mean "images"?'],
    ['{models: x, rules: [{when: [imges], models: y}]}', 'did you mean "images"?'],
    ['{models: x, rules: [{when: web_search, models: y}]}', 'did you mean "web-search"?'],
    ['{models: x, rules: [{when: {imges: true}, models: y}]}', 'did you mean "images"?'],
  ])('%s: %s', (route, hint) => {
    expect(problems(`  a: ${route}`).join('\n')).toContain(hint);
  });

  test.each([['zzz'], ['5'], ['true']])('%s is not answered with how lists are written', (word) => {
    expect(problems(`  a: {models: x, rules: [{when: ${word}, models: y}]}`).join('\n')).not.toContain(
      'it is a list',
    );
  });
});

describe('circles', () => {
  test.each([
    ['  a: b\n  b: a', 'config.yaml:3:6  model-routes.b: goes round in a circle: a → b → a'],
    ['  a: [x, "B(high)"]\n  b: [c]\n  c: {models: y, rules: [{when: images, models: a}]}', 'a → b → c → a'],
  ])('%s is one', (text, sentence) => {
    expect(problems(text).join('\n')).toContain(sentence);
  });

  test.each([
    ['  a: [a, b]'],
    ['  a: ["a(high)", b]'],
    ['  a: [a, b]\n  b: [b, a]'],
    ['  a: [b, c]\n  b: c\n  c: x'],
    ['  a-*: [a-1, b]\n  b: a-2'],
    ['  a: {rules: [{when: images, models: b}]}\n  b: a'],
  ])('%s is none', (text) => {
    expect(problems(text)).toEqual([]);
  });
});

test('a suffix that says no effort is warned of', () => {
  const result = parsed('  a: [x, "y(hihg)"]');
  const warnings = result.ok ? result.warnings.map(formatProblem) : [];
  expect(warnings.join('\n')).toContain('config.yaml:2:10  model-routes.a[1]: the suffix of "y(hihg)"');
});
