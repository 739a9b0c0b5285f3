import { expect, test } from 'bun:test';
import { UnsecuredJWT } from 'jose';
import { idTokenClaims } from './id-token.ts';

test('the claims are given as they stand, namespaced ones too', () => {
  const claims = {
    email: 'ada@example.com',
    'https://api.openai.com/auth': { chatgpt_account_id: 'acc-1', organizations: [{ id: 'org-1' }] },
  };
  expect(idTokenClaims(new UnsecuredJWT(claims).encode())).toEqual(claims);
});

for (const text of ['', 'opaque', 'a.b.c', 'e30.W10.x', '...'])
  test(`${JSON.stringify(text)} has none`, () => {
    expect(idTokenClaims(text)).toBeUndefined();
  });
