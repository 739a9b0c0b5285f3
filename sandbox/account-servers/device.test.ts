import { describe, expect, test } from 'bun:test';
import { agedSandbox } from '../../test/aged-sandbox.ts';
import {
  claimsOf,
  deviceNames,
  pkce,
  pollDevice,
  postForm,
  postJson,
  rootOf,
  startDevice,
  text,
} from '../../test/sandbox-flows.ts';

const { sandbox, age } = agedSandbox();

describe('a login on a device', () => {
  test.each(deviceNames)('%s waits for the person, then gives tokens once', async (name) => {
    const { verifier, challenge } = pkce();
    const { body } = await startDevice(sandbox, name, challenge);
    // A copy: the matcher writes itself into what it looks at.
    expect({ ...body }).toMatchObject({
      device_code: expect.any(String),
      user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      verification_uri: expect.stringContaining(rootOf(sandbox, name)),
      verification_uri_complete: expect.stringContaining(text(body.user_code)),
      expires_in: 900,
      interval: 1,
    });
    const poll = () => pollDevice(sandbox, name, text(body.device_code), verifier);
    expect(await poll()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
    await fetch(`${text(body.verification_uri_complete)}&sandbox_person=grace`);
    age(1000);
    expect(await poll()).toMatchObject({ status: 200, body: { refresh_token: expect.any(String) } });
    age(2000);
    expect(await poll()).toMatchObject({ status: 400, body: { error: 'expired_token' } });
    expect(sandbox.accounts.logins).toMatchObject([{ provider: name, person: 'grace' }]);
  });

  test.each(deviceNames)('%s: the page takes the code that the person types', async (name) => {
    const { verifier, challenge } = pkce();
    const { body } = await startDevice(sandbox, name, challenge);
    const page = await fetch(text(body.verification_uri_complete));
    expect(await page.text()).toContain(`value="${text(body.user_code)}"`);
    const typed = text(body.user_code).toLowerCase().replace('-', ' ');
    const form = { user_code: typed, person: 'ada', answer: 'allow' };
    const post = () =>
      fetch(text(body.verification_uri), { method: 'POST', body: new URLSearchParams(form) });
    expect((await post()).status).toBe(200);
    expect((await post()).status).toBe(400);
    expect((await pollDevice(sandbox, name, text(body.device_code), verifier)).status).toBe(200);
  });

  test('polling too soon is slowed down by 5 seconds each time', async () => {
    const { body } = await startDevice(sandbox, 'kimi', '');
    const poll = async () => (await pollDevice(sandbox, 'kimi', text(body.device_code), '')).body.error;
    expect(await poll()).toBe('authorization_pending');
    expect(await poll()).toBe('slow_down');
    age(5000);
    expect(await poll()).toBe('slow_down');
    age(16_500);
    expect(await poll()).toBe('authorization_pending');
  });

  test('a person who says no, and a code that runs out', async () => {
    const { body } = await startDevice(sandbox, 'kimi', '');
    const other = await startDevice(sandbox, 'kimi', '');
    expect(sandbox.accounts.decideDevice(text(body.user_code), 'ada', 'deny')).toBe(true);
    expect((await pollDevice(sandbox, 'kimi', text(body.device_code), '')).body.error).toBe('access_denied');
    age(900_000);
    expect((await pollDevice(sandbox, 'kimi', text(other.body.device_code), '')).body.error).toBe(
      'expired_token',
    );
  });

  test('Qwen holds to its challenge', async () => {
    expect(
      await postForm(`${rootOf(sandbox, 'qwen')}/api/v1/oauth2/device/code`, {
        client_id: 'f0304373b74a44d2b584a3fb70ca9e56',
        scope: 'openid',
      }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const { body } = await startDevice(sandbox, 'qwen', pkce().challenge);
    const answer = await pollDevice(sandbox, 'qwen', text(body.device_code), pkce().verifier);
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test.each([
    ['pending', 'authorization_pending'],
    ['slow-down', 'slow_down'],
    ['denied', 'access_denied'],
    ['expired', 'expired_token'],
  ] as const)('the fault %s answers %s as often as asked', async (fault, error) => {
    sandbox.accounts.fault({ at: 'device', fault, times: 2 });
    const { body } = await startDevice(sandbox, 'xai', '');
    sandbox.accounts.decideDevice(text(body.user_code), 'ada');
    for (const seconds of [0, 10, 30]) {
      age(seconds * 1000);
      const answer = await pollDevice(sandbox, 'xai', text(body.device_code), '');
      expect(answer.body.error).toBe(seconds === 30 ? undefined : error);
    }
  });

  describe('Codex, in OpenAI’s own way', () => {
    const root = `${sandbox.url}/accounts/codex`;
    const start = () =>
      postJson(`${root}/api/accounts/deviceauth/usercode`, { client_id: 'app_EMoamEEZ73f0CkXaXp7hrann' });
    const poll = (body: { device_auth_id?: unknown; user_code?: unknown }) =>
      postJson(`${root}/api/accounts/deviceauth/token`, {
        device_auth_id: text(body.device_auth_id),
        user_code: text(body.user_code),
      });

    test('403 while it waits, then a code with its verifier, then a usual exchange', async () => {
      const { body } = await start();
      expect({ ...body }).toMatchObject({ device_auth_id: expect.any(String), interval: '1' });
      expect((await poll(body)).status).toBe(403);
      await fetch(`${root}/codex/device?user_code=${text(body.user_code)}&sandbox_person=ada-team`);
      const { body: grant } = await poll(body);
      expect(pkceFits(text(grant.code_verifier), text(grant.code_challenge))).toBe(true);
      const tokens = await postForm(`${root}/oauth/token`, {
        grant_type: 'authorization_code',
        client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
        code: text(grant.authorization_code),
        code_verifier: text(grant.code_verifier),
        redirect_uri: 'https://auth.openai.com/deviceauth/callback',
      });
      expect(tokens.status).toBe(200);
      expect(claimsOf(tokens.body.id_token)).toMatchObject({
        'https://api.openai.com/auth': { chatgpt_plan_type: 'team' },
      });
    });

    test('a no is neither 403 nor 404; where there is no device sign-in the start is 404', async () => {
      const { body } = await start();
      sandbox.accounts.decideDevice(text(body.user_code), 'ada', 'deny');
      expect((await poll(body)).status).toBe(400);
      sandbox.accounts.fault({ at: 'device', fault: 'unavailable', provider: 'codex' });
      expect((await start()).status).toBe(404);
    });
  });
});

function pkceFits(verifier: string, challenge: string): boolean {
  return new Bun.CryptoHasher('sha256').update(verifier).digest('base64url') === challenge;
}
