import { expect, test } from 'bun:test';
import { z } from 'zod';
import { withOwnNames } from './given-names.ts';

const schema = z.object({ value: z.boolean(), 'base-url': z.string().optional() });

test('16: fields are found in any capitals; what is unknown stays as it is', () => {
  expect(withOwnNames(schema, { Value: true, 'Base-URL': 'x', Other: 1 })).toEqual({
    value: true,
    'base-url': 'x',
    Other: 1,
  });
});

test('16: a field that is given as it is written wins over one in other capitals', () => {
  expect(withOwnNames(schema, { VALUE: false, value: true })).toEqual({ value: true });
});

test('16: fields of a choice are found, too, and lists are left alone', () => {
  const choice = z.union([
    z.array(z.string()),
    z.object({ items: z.array(z.string()) }).transform((one) => one.items),
  ]);
  expect(withOwnNames(choice, { Items: ['a'] })).toEqual({ items: ['a'] });
  expect(withOwnNames(choice, ['Items'])).toEqual(['Items']);
});

test('16: names of which two spellings are known are each their own', () => {
  const both = z.object({ authIndex: z.string().optional(), AuthIndex: z.string().optional() });
  expect(withOwnNames(both, { authIndex: 'a', AuthIndex: 'b' })).toEqual({ authIndex: 'a', AuthIndex: 'b' });
});
