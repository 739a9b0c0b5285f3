import { expect, test } from 'bun:test';
import { authIndex, authIndexOf } from './auth-index.ts';

test('all credentials of an account have its index, and it is sixteen hexadecimal digits', () => {
  const index = authIndex({ id: 'gemini-ann/project', account: 'gemini-ann' });
  expect(index).toBe(authIndexOf('gemini-ann'));
  expect(index).toMatch(/^[0-9a-f]{16}$/);
  expect(authIndex({ id: 'gemini-ann' })).toBe(index);
  expect(authIndex({ id: 'gemini-bob' })).not.toBe(index);
});
