import { afterAll, expect, test } from 'bun:test';
import { parse } from 'yaml';
import { startSandbox } from '../start.ts';
import { sandboxProviders } from './addresses.ts';
import { accountNames } from './services.ts';

const sandbox = startSandbox({ pace: 0 });
afterAll(() => sandbox.stop());

test('the configuration that the sandbox serves is the one that the function gives', async () => {
  const served = await (await fetch(`${sandbox.url}/sandbox/accounts.yaml`)).text();
  expect(parse(served)).toEqual({ providers: sandboxProviders(sandbox.url) });
});

test.each(accountNames)('every address of %s is one that the sandbox answers', async (name) => {
  const { oauth } = sandboxProviders(sandbox.url)[name];
  for (const [key, address] of Object.entries(oauth)) {
    const response = await fetch(address, {
      method: key === 'authorize-url' || key === 'userinfo-url' ? 'GET' : 'POST',
    });
    expect([key, response.status]).not.toEqual([key, 404]);
  }
});

test('discovery names the same endpoints', async () => {
  const root = `${sandbox.url}/accounts/xai`;
  const found: unknown = await (await fetch(`${root}/.well-known/openid-configuration`)).json();
  expect(found).toMatchObject({
    issuer: root,
    token_endpoint: sandboxProviders(sandbox.url).xai.oauth['token-url'],
    device_authorization_endpoint: sandboxProviders(sandbox.url).xai.oauth['device-authorization-url'],
  });
});
