import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import {
  getJson,
  postJson,
  signIn,
  signInByBrowser,
  signInByDevice,
  startDevice,
  text,
} from '../../test/sandbox-flows.ts';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

describe('over HTTP', () => {
  const control = `${sandbox.url}/sandbox/accounts`;

  test('logins are told without tokens', async () => {
    const tokens = (await signIn(sandbox, 'claude')).body;
    const told = await (await fetch(control)).text();
    expect(told).toContain('"person":"ada"');
    expect(told).not.toContain(text(tokens.access_token));
    expect(told).not.toContain(text(tokens.refresh_token));
    const requests = await (await fetch(`${sandbox.url}/sandbox/requests`)).text();
    expect(requests).toContain('/accounts/claude/v1/oauth/token');
    expect(requests).not.toContain(text(tokens.access_token));
  });

  test('tokens are expired, logins revoked, lifetimes set, devices decided and faults asked for', async () => {
    await signIn(sandbox, 'claude');
    expect((await postJson(`${control}/expire`, { provider: 'claude' })).body).toEqual({ expired: 1 });
    expect((await postJson(`${control}/revoke`, {})).body).toEqual({ revoked: 1 });
    await postJson(`${control}/lifetime`, { seconds: 2, provider: 'claude' });
    expect((await signIn(sandbox, 'claude')).body.expires_in).toBe(2);
    expect((await signIn(sandbox, 'qwen')).body.expires_in).toBe(21_600);
    const { body } = await startDevice(sandbox, 'kimi', '');
    const decided = await postJson(`${control}/devices`, { user_code: text(body.user_code), person: 'alan' });
    expect(decided.body).toEqual({ provider: 'kimi', decision: 'allowed' });
    expect((await postJson(`${control}/faults`, { at: 'token', fault: 'status', status: 503 })).body).toEqual(
      {
        faults: 1,
      },
    );
    expect((await signInByDevice(sandbox, 'kimi')).status).toBe(200);
    expect((await signInByBrowser(sandbox, 'claude')).status).toBe(503);
  });

  test.each<[string, object, string]>([
    ['faults', { at: 'nowhere', fault: 'status' }, `'at' must be one of`],
    ['faults', { at: 'token', fault: 'quota' }, `'fault' at token must be one of`],
    ['faults', { at: 'token', fault: 'status', times: 'often' }, `'times' must be a number`],
    ['expire', { provider: 'nobody' }, `'provider' must be one of`],
    ['lifetime', { seconds: 0 }, `'seconds' must be`],
    ['devices', { user_code: 'XXXX-XXXX', person: 'ada' }, 'No device waits'],
  ])('%s with %j is refused', async (command, body, message) => {
    expect(await postJson(`${control}/${command}`, body)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining(message) } },
    });
  });

  test('the key file is given as JSON', async () => {
    expect((await getJson(`${control}/service-account.json`)).body).toMatchObject({
      type: 'service_account',
      token_uri: `${sandbox.url}/accounts/vertex/token`,
      private_key: expect.stringContaining('BEGIN PRIVATE KEY'),
    });
  });
});
