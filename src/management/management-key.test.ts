import { expect, test } from 'bun:test';
import { managementKey } from './management-key.ts';

const bcrypt = await Bun.password.hash('management-secret', { algorithm: 'bcrypt', cost: 4 });
const argon = await Bun.password.hash('management-secret', {
  algorithm: 'argon2id',
  memoryCost: 8,
  timeCost: 1,
});

test.each([
  ['a text', 'management-secret'],
  ['a bcrypt hash', bcrypt],
  ['a bcrypt hash as Go writes it', bcrypt.replace(/^\$2b\$/, '$2a$')],
  ['an Argon2 hash', argon],
])('H8: %s opens for its key alone, again and again', async (_, written) => {
  const key = managementKey(written);
  for (const round of [1, 2]) {
    expect([round, await key.opens('management-secret')]).toEqual([round, true]);
    expect(await key.opens('management-secreT')).toBe(false);
    expect(await key.opens('')).toBe(false);
  }
});

test('H8: a key of more than 72 bytes opens a bcrypt hash of another program', async () => {
  // crypt(3) of libxcrypt, for 80 letters; the runtime makes another one of them.
  const key = managementKey('$2y$05$abcdefghijklmnopqrstuuGUnCqbfgs3htOkLrFduUjAyLBw1Rq/u');
  expect(await key.opens('a'.repeat(71))).toBe(false);
  expect(await key.opens(`b${'a'.repeat(79)}`)).toBe(false);
  expect(await key.opens('a'.repeat(80))).toBe(true);
});

test.each([bcrypt, argon, bcrypt.replace(/^\$2b\$/, '$2a$')])(
  'H8: %s itself does not open',
  async (written) => {
    expect(await managementKey(written).opens(written)).toBe(false);
  },
);
