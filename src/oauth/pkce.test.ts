import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { newPkce, newState } from './pkce.ts';

test('a verifier is 32 random bytes in base64url, and the challenge its SHA-256', async () => {
  const { verifier, challenge } = await newPkce();
  expect(verifier).toMatch(/^[\w-]{43}$/);
  expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
});

test('no verifier and no state comes twice', async () => {
  const verifiers = await Promise.all(Array.from({ length: 50 }, newPkce));
  expect(new Set(verifiers.map(({ verifier }) => verifier)).size).toBe(50);
  expect(new Set(Array.from({ length: 50 }, newState)).size).toBe(50);
  expect(newState()).toMatch(/^[\w-]{43}$/);
});
