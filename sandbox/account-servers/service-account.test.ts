import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { serviceAccountToken } from '../../test/sandbox-flows.ts';
import { startSandbox } from '../start.ts';
import { newKey, privatePem } from './keys.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

describe('a service account', () => {
  test('gets a token for an assertion that its key signed', async () => {
    expect(await serviceAccountToken(sandbox)).toMatchObject({
      status: 200,
      body: { access_token: expect.stringMatching(/^ya29\./), token_type: 'Bearer', expires_in: 3600 },
    });
  });

  const seconds = Math.floor(Date.now() / 1000);
  test.each([
    ['another issuer', { iss: 'somebody@else.example' }, 'invalid_grant'],
    ['another audience', { aud: 'https://oauth2.googleapis.com/token' }, 'invalid_grant'],
    ['an assertion that has run out', { iat: seconds - 4000, exp: seconds - 400 }, 'invalid_grant'],
    ['one for more than an hour', { exp: seconds + 7200 }, 'invalid_grant'],
    ['one of the future', { iat: seconds + 2000, exp: seconds + 3000 }, 'invalid_grant'],
    ['no scope', { scope: '' }, 'invalid_scope'],
  ])('refuses %s', async (_, claims, error) => {
    expect(await serviceAccountToken(sandbox, claims)).toMatchObject({ status: 400, body: { error } });
  });

  test('refuses another key', async () => {
    const file = sandbox.accounts.serviceAccount();
    const forged = { ...file, private_key: privatePem(newKey('sandbox-service')) };
    expect(await serviceAccountToken(sandbox, {}, forged)).toMatchObject({
      body: { error: 'invalid_grant', error_description: 'Invalid JWT signature.' },
    });
  });
});
