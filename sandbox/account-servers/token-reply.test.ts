import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { bearer, claimsOf, getJson, rootOf, signIn, text } from '../../test/sandbox-flows.ts';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

describe('what the token reply tells of the person', () => {
  test('Claude: account and organization', async () => {
    const { body } = await signIn(sandbox, 'claude', 'ada-team');
    expect(body).toMatchObject({
      account: { uuid: expect.any(String), email_address: 'ada@sandbox.example' },
      organization: { uuid: expect.any(String), name: 'Analytical Engines' },
      expires_in: 28_800,
    });
  });

  test('Codex: the id token names workspace, plan and organizations; two workspaces of one e-mail differ', async () => {
    const claims = async (person: string) => claimsOf((await signIn(sandbox, 'codex', person)).body.id_token);
    const [personal, team] = [await claims('ada'), await claims('ada-team')];
    expect(personal).toMatchObject({
      email: 'ada@sandbox.example',
      aud: ['app_EMoamEEZ73f0CkXaXp7hrann'],
      'https://api.openai.com/auth': {
        chatgpt_account_id: expect.any(String),
        chatgpt_plan_type: 'plus',
        chatgpt_subscription_active_until: expect.any(String),
        organizations: [{ id: 'org-ada', is_default: true }],
      },
    });
    expect(team.email).toEqual(personal.email);
    expect(team).toMatchObject({ 'https://api.openai.com/auth': { chatgpt_plan_type: 'team' } });
    const account = (of: typeof team) => Object(of['https://api.openai.com/auth']).chatgpt_account_id;
    expect(account(team)).not.toBe(account(personal));
  });

  test('Qwen: the address that the token is for', async () => {
    const { body } = await signIn(sandbox, 'qwen');
    expect(body.resource_url).toBe(rootOf(sandbox, 'qwen'));
  });

  test('xAI: the id token names subject and e-mail', async () => {
    const { body } = await signIn(sandbox, 'xai', 'alan');
    expect(claimsOf(body.id_token)).toMatchObject({ sub: expect.any(String), email: 'alan@sandbox.example' });
  });

  test.each(['gemini', 'antigravity'] as const)('%s: user information has the e-mail', async (name) => {
    const { body } = await signIn(sandbox, name);
    const info = await getJson(
      `${rootOf(sandbox, name)}/oauth2/v1/userinfo?alt=json`,
      bearer(body.access_token),
    );
    expect(info.body).toMatchObject({ email: 'ada@sandbox.example', verified_email: true });
    expect((await getJson(`${rootOf(sandbox, name)}/oauth2/v1/userinfo`, bearer('x'))).status).toBe(401);
  });

  test('Claude: the profile', async () => {
    const { body } = await signIn(sandbox, 'claude');
    const info = await getJson(`${rootOf(sandbox, 'claude')}/api/oauth/profile`, bearer(body.access_token));
    expect(info.body).toMatchObject({
      account: { email: 'ada@sandbox.example' },
      organization: { uuid: expect.any(String) },
    });
  });

  test('iFlow: the user information holds the API key, and refuses with status 200', async () => {
    const { body } = await signIn(sandbox, 'iflow');
    const ask = (token: string) =>
      getJson(`${rootOf(sandbox, 'iflow')}/api/oauth/getUserInfo?accessToken=${encodeURIComponent(token)}`);
    expect(await ask(text(body.access_token))).toMatchObject({
      body: {
        success: true,
        data: { apiKey: expect.any(String), email: 'ada@sandbox.example', phone: expect.any(String) },
      },
    });
    expect(await ask('x')).toMatchObject({ status: 200, body: { success: false } });
  });
});
