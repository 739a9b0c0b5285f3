import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { configOf } from '../../test/gateway-harness.ts';
import { credentialsFromConfig, keyIds } from './from-config.ts';

const key = fc.record({
  secret: fc.constantFrom('a', 'b', 'c'),
  address: fc.constantFrom('http://one.test', 'http://two.test'),
});

test('16: a key is the same one whatever its prefix is changed to', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(key, fc.option(fc.string()), fc.option(fc.string())), {
        selector: ([{ secret, address }]) => `${secret} ${address}`,
      }),
      (entries) => {
        const [before, after] = [keyIds(), keyIds()];
        for (const [{ secret, address }, one, other] of entries)
          expect(after('claude', secret, address, other ?? undefined)).toBe(
            before('claude', secret, address, one ?? undefined),
          );
      },
    ),
  );
});

test('16: a key that stands there with two prefixes is two, and the first of them keeps its id', () => {
  const entry = { 'api-key': 'sk-1', 'base-url': 'http://one.test' };
  const idsOf = (...entries: object[]) =>
    credentialsFromConfig(configOf({ 'claude-api-key': entries.map((more) => ({ ...entry, ...more })) })).map(
      ({ id }) => id,
    );
  const [alone] = idsOf({});
  const both = idsOf({ prefix: 'a' }, { prefix: 'b' });
  expect(both[0]).toBe(alone ?? '');
  expect(new Set(both).size).toBe(2);
  // Switched off, it is still the first.
  expect(idsOf({ prefix: 'a', disabled: true }, { prefix: 'b' })).toEqual([both[1] ?? '']);
});
