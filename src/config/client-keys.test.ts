import { describe, expect, test } from 'bun:test';
import { formatProblem, parseConfig } from './load.ts';

function load(text: string) {
  return parseConfig(text, { file: 'config.yaml', env: {} });
}

function keysOf(text: string) {
  const result = load(text);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config['api-keys'];
}

test('a key carries what it may use and how much of it', () => {
  const [key] = keysOf(`
api-keys:
  - key: k
    name: alice
    models: [claude-*, gpt-5]
    providers: [claude]
    requests-per-minute: 60
    tokens-per-minute: 100000
    concurrency: 4
    budget:
      day: {tokens: 1000000, usd: 2.50}
      month: {usd: 40}
`);
  expect(key).toEqual({
    key: 'k',
    name: 'alice',
    limits: {
      models: ['claude-*', 'gpt-5'],
      providers: ['claude'],
      'requests-per-minute': 60,
      'tokens-per-minute': 100_000,
      concurrency: 4,
      budget: { day: { tokens: 1_000_000, usd: 2.5 }, month: { usd: 40 } },
    },
  });
});

test.each(['- k', '- {key: k, name: bob}', '- {key: k, budget: {}}', '- {key: k, budget: {day: {}}}'])(
  'a key that limits nothing has no limits: %s',
  (written) => {
    expect(keysOf(`api-keys:\n  ${written}\n`)[0]?.limits).toBeUndefined();
  },
);

describe('mistakes are told with their line and what belongs there', () => {
  test.each([
    ['requests-per-minute: 0', 'requests-per-minute', 'a whole number, 1 or more'],
    ['requests-per-minute: many', 'requests-per-minute', 'a whole number, 1 or more'],
    ['tokens-per-minute: 1.5', 'tokens-per-minute', 'a whole number, 1 or more'],
    ['concurrency: -1', 'concurrency', 'a whole number, 1 or more'],
    ['models: []', 'models', 'a list of one or more model names'],
    ['providers: claude', 'providers', 'a list of one or more names of providers'],
    ['budget: 5', 'budget', 'keys with values'],
    ['budget: {day: {usd: 0}}', 'budget.day.usd', 'an amount of US dollars such as 5 or 2.50'],
    ['budget: {month: {tokens: 0}}', 'budget.month.tokens', 'a whole number, 1 or more'],
  ])('%s', (written, key, expected) => {
    const result = load(`api-keys:\n  - key: k\n    ${written}\n`);
    expect(result.ok ? [] : result.problems).toEqual([
      expect.objectContaining({ line: 3, key: `api-keys[0].${key}`, expected }),
    ]);
  });

  test('a limit of an unknown name is told with its likeliest meaning', () => {
    const result = load('api-keys:\n  - key: k\n    request-per-minute: 5\n');
    expect(result.ok ? [] : result.problems).toEqual([
      expect.objectContaining({
        line: 3,
        message: 'unknown key',
        hint: 'did you mean "requests-per-minute"?',
      }),
    ]);
  });

  test.each(['2026-02-30', '2026-13-01', 'yesterday', '2026-11-01T00:00:00Z', '""'])(
    '15: an earlier price until %s, which is no day',
    (until) => {
      const result = load(
        `prices:\n  m:\n    input: 1\n    output: 2\n    earlier:\n      - {until: ${until}, input: 3, output: 4}\n`,
      );
      expect(result.ok ? [] : result.problems).toEqual([
        expect.objectContaining({ line: 6, key: 'prices.m.earlier[0].until' }),
      ]);
    },
  );

  test.each(['0000-01-01', '0026-12-31', '1999-12-31', '2126-12-31', '9999-12-31'])(
    '15: an earlier price until %s, when nothing was or is known',
    (until) => {
      const result = load(
        `prices:\n  m:\n    input: 1\n    output: 2\n    earlier:\n      - {until: ${until}, input: 3, output: 4}\n`,
      );
      const [problem, ...others] = result.ok ? [] : result.problems;
      expect(problem).toMatchObject({ line: 6, key: 'prices.m.earlier[0].until' });
      expect(problem?.message).toContain('expected a day');
      expect(others).toEqual([]);
    },
  );

  test('15: two earlier prices until the same day are named, with the line and what to do', () => {
    const result = load(
      'prices:\n  m:\n    input: 1\n    output: 2\n    earlier:\n      - {until: 2026-11-01, input: 3, output: 4}\n      - {until: 2026-10-01, input: 4, output: 4}\n      - {until: " 2026-11-01", input: 5, output: 4}\n',
    );
    expect(result.ok ? [] : result.problems).toEqual([
      expect.objectContaining({
        line: 8,
        key: 'prices.m.earlier[2].until',
        message: 'there is a price until 2026-11-01 already, at earlier[0]',
        hint: expect.stringContaining('keep one of them'),
      }),
    ]);
  });

  test('a price below nothing', () => {
    const result = load('prices:\n  my-*: {input: 1, output: -2}\n');
    expect(result.ok ? [] : result.problems).toEqual([
      expect.objectContaining({ line: 2, key: 'prices.my-*.output' }),
    ]);
  });
});

describe('what is known of a key beside its limits', () => {
  test('when it opens, and what is remembered of it', () => {
    const [key] = keysOf(
      'api-keys:\n  - {key: k, disabled: true, expires: "2026-12-31T18:00:00Z", note: for the laptop, previous-key: j, previous-until: "2026-12-01T00:00:00+01:00"}\n',
    );
    expect(key).toEqual({
      key: 'k',
      name: undefined,
      disabled: true,
      expires: Date.parse('2026-12-31T18:00:00Z'),
      note: 'for the laptop',
      previous: { key: 'j', until: Date.parse('2026-11-30T23:00:00Z') },
    });
  });

  test('a day alone counts to its end, in local time', () => {
    expect(keysOf('api-keys:\n  - {key: k, expires: 2026-12-31}\n')[0]?.expires).toBe(
      new Date(2027, 0, 1).getTime(),
    );
  });

  test.each([
    ['expires: 2026-02-30', 'expires', undefined],
    ['expires: soon', 'expires', undefined],
    ['expires: 1767225600', 'expires', undefined],
    ['previous-key: j', 'previous-key', 'there is no "previous-until" beside it'],
    ['previous-until: 2026-12-31', 'previous-until', 'there is no "previous-key" beside it'],
  ])('%s is a mistake', (written, key, message) => {
    const result = load(`api-keys:\n  - key: k\n    ${written}\n`);
    expect(result.ok ? [] : result.problems).toEqual([
      expect.objectContaining({ line: 3, key: `api-keys[0].${key}`, ...(message && { message }) }),
    ]);
  });

  test.each([
    ['$2b$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234', /only their SHA-256/],
    ['sha256:abc', /no 64 hexadecimal digits/],
  ])('%s would be a key itself, so it is an error', (written, sentence) => {
    const result = load(`api-keys:\n  - '${written}'\n`);
    expect(result.ok ? '' : result.problems.map(formatProblem).join()).toMatch(sentence);
    expect(result.ok ? '' : result.problems.map(formatProblem).join()).not.toContain(written.slice(7));
  });
});
