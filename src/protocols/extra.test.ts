import { expect, test } from 'bun:test';
import { sayingFields } from './extra.ts';

test('fields that say something are named, those that say nothing are not', () => {
  const fields = { a: 1, b: null, c: false, d: '', e: [], f: {}, g: [0], h: { i: null }, j: 0 };
  expect(sayingFields({ protocol: 'gemini', fields })).toEqual(['a', 'g', 'h', 'j']);
  expect(sayingFields(undefined)).toEqual([]);
});

test('the places of a long list are not named for it', () => {
  const list = new Proxy([1, 2, 3], {
    ownKeys: () => {
      throw new Error('named');
    },
  });
  expect(sayingFields({ protocol: 'gemini', fields: { list } })).toEqual(['list']);
});
