import { expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { counterFileName, countersText, parseCounters } from './counter-file.ts';
import { emptyLedger } from './ledger.ts';
import { createLimiter, type Expected, type LimitedKey } from './limiter.ts';

function folder() {
  const directory = mkdtempSync(join(tmpdir(), 'limits-'));
  return {
    directory,
    file: join(directory, counterFileName),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

const noon = new Date(2026, 10, 23, 12).getTime();
const limited: LimitedKey = {
  id: '0123456789abcdef',
  name: 'alice',
  limits: { 'requests-per-minute': 3, budget: { day: { tokens: 100, usd: 1 } } },
};
const expected: Expected = { model: 'gpt-5', asked: 'gpt-5', input: 10, output: 20 };

function limiterIn(directory: string, warnings: string[] = [], clock = { now: noon }) {
  const limiter = createLimiter({ now: () => clock.now, warn: (text) => warnings.push(text), delay: 5 });
  const configure = (limits = limited.limits, prices = {}) =>
    limiter.configure({ 'api-keys': [{ key: 'k', name: 'alice', limits }], 'auth-dir': directory, prices });
  return { limiter, configure, clock, warnings };
}

function enter({ limiter }: ReturnType<typeof limiterIn>, tokens: number, model = 'gpt-5') {
  const entry = limiter.admit(limited, { ...expected, model });
  if (!entry.ok) return entry.error;
  entry.settle({ model, tokens, cost: undefined });
  return undefined;
}

test('what was used outlasts a restart', async () => {
  using place = folder();
  const first = limiterIn(place.directory);
  await first.configure();
  enter(first, 60);
  enter(first, 35);
  await first.limiter.close();
  expect(statSync(place.file).mode & 0o777).toBe(0o600);

  const second = limiterIn(place.directory, [], { now: noon + 1000 });
  await second.configure();
  expect(enter(second, 1)?.message).toContain('(limit budget.day.tokens) and has used 95.');
});

test('requests that ran when the program ended do not run any more', async () => {
  using place = folder();
  const first = limiterIn(place.directory);
  await first.configure();
  first.limiter.admit(limited, { ...expected, output: 1000 });
  await first.limiter.close();
  const second = limiterIn(place.directory);
  await second.configure();
  expect(enter(second, 1)).toBeUndefined();
});

test('the file is written soon after a request, without a shutdown', async () => {
  using place = folder();
  const here = limiterIn(place.directory);
  await here.configure();
  enter(here, 42);
  while (!existsSync(place.file)) await new Promise((resolve) => setTimeout(resolve, 1));
  const kept = parseCounters(readFileSync(place.file, 'utf8'), noon)?.get(limited.id);
  expect(kept?.day).toMatchObject({ tokens: 42 });
  expect(kept?.requests).toEqual([{ latest: noon, amount: 1 }]);
  await here.limiter.close();
});

test('without a limited key there is no file', async () => {
  using place = folder();
  const { limiter } = limiterIn(place.directory);
  await limiter.configure({
    'api-keys': [{ key: 'k', name: undefined }],
    'auth-dir': place.directory,
    prices: {},
  });
  await limiter.close();
  expect(existsSync(place.file)).toBe(false);
});

test.each(['', 'not JSON', '{"version":2,"keys":{}}'])(
  'a file with %p is reported, left alone, and nothing is counted',
  async (text) => {
    using place = folder();
    writeFileSync(place.file, text);
    const here = limiterIn(place.directory);
    await here.configure();
    expect(here.warnings).toEqual([expect.stringContaining('not in a format that this version supports')]);
    expect(enter(here, 1)).toBeUndefined();
    await here.limiter.close();
    expect(readFileSync(place.file, 'utf8')).toBe(text);
  },
);

test('what is written is read back as it was', () => {
  const ledger = {
    ...emptyLedger(noon),
    requests: [{ latest: noon, amount: 3 }],
    tokens: [{ latest: noon - 5, amount: 9 }],
  };
  const ledgers = new Map([['a', { ...ledger, day: { ...ledger.day, tokens: 9, usd: 0.25 } }]]);
  expect(parseCounters(countersText(ledgers), noon)).toEqual(ledgers);
  expect(parseCounters('{"version":1,"keys":{"a":{"requests":[[1],"x"],"day":{"tokens":4}}}}', noon)).toEqual(
    new Map([['a', emptyLedger(noon)]]),
  );
});

test('a request is settled once', async () => {
  using place = folder();
  const here = limiterIn(place.directory);
  await here.configure();
  const entry = here.limiter.admit(limited, expected);
  if (!entry.ok) throw new Error(entry.error.message);
  for (let i = 0; i < 3; i++) entry.settle({ model: 'gpt-5', tokens: 45, cost: undefined });
  const next = here.limiter.admit(limited, { ...expected, input: 56 });
  expect(next.ok ? '' : next.error.message).toContain('has used 45.');
  await here.limiter.close();
});

test('money is counted by the prices, and a model without one is told of once', async () => {
  using place = folder();
  const here = limiterIn(place.directory);
  const limits = { budget: { day: { usd: 0.0001 } } };
  await here.configure(limits);
  const key = { ...limited, limits };
  const ask = (model: string) => {
    const entry = here.limiter.admit(key, { model, asked: model, input: 10, output: 10 });
    if (entry.ok) entry.settle({ model, tokens: 20, cost: model === 'gpt-5' ? 112_500 : undefined });
    return entry.ok;
  };
  expect([ask('mystery'), ask('mystery')]).toEqual([true, true]);
  expect(here.warnings).toEqual([expect.stringContaining('"mystery" has no known price')]);
  // $1.25 and $10 for a million tokens: 10 of each are 112,500 nano-dollars.
  expect([ask('gpt-5'), ask('gpt-5'), ask('mystery')]).toEqual([true, false, false]);
  await here.configure(limits, { mystery: { input: 0, output: 0 } });
  expect(here.warnings).toHaveLength(1);
  await here.limiter.close();
});

test('a limit that changes holds for what was used before', async () => {
  using place = folder();
  const here = limiterIn(place.directory);
  await here.configure();
  enter(here, 60);
  const lower = { ...limited, limits: { budget: { day: { tokens: 50 } } } };
  expect(here.limiter.admit(lower, expected).ok).toBe(false);
  await here.limiter.close();
});
