import { expect, test } from 'bun:test';
import { authIndex, authIndexOf } from './auth-index.ts';

test('all credentials of an account have its index, and it is sixteen hexadecimal digits', () => {
  const index = authIndexOf({ id: 'gemini-ann/project', account: 'gemini-ann' });
  expect(index).toBe(authIndex('gemini-ann'));
  expect(index).toMatch(/^[0-9a-f]{16}$/);
  expect(authIndexOf({ id: 'gemini-ann' })).toBe(index);
  expect(authIndexOf({ id: 'gemini-bob' })).not.toBe(index);
});
