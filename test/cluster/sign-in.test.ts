/** Sign-ins over the management API behind a load balancer: each request of one may reach another replica. */
import { expect, test } from 'bun:test';
import { z } from 'zod';
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { eventually } from '../eventually.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { startCluster } from './cluster.ts';

const managementKey = 'management-key-of-the-tests';
const sandbox = sandboxOfTests();

/** What is looked at of an answer. */
const shown = z.object({
  status: z.string().optional(),
  url: z.string().optional(),
  state: z.string().optional(),
  cancelled: z.boolean().optional(),
  code: z.string().optional(),
});

/** Where a browser ends that opens the address and allows. */
async function endOf(address: string): Promise<string> {
  let url = `${address}&sandbox_person=ada&sandbox_answer=allow`;
  for (let hop = 0; hop < 5 && url.startsWith(sandbox.url); hop++) {
    const page = await fetch(url, { redirect: 'manual' });
    await page.text();
    url = new URL(page.headers.get('location') ?? '', url).href;
  }
  return url;
}

test('a sign-in that one replica began is answered, asked about and ended on another', async () => {
  await using cluster = await startCluster({
    replicas: 2,
    settings: {
      'remote-management': { 'secret-key': managementKey },
      providers: JSON.parse(JSON.stringify(sandboxProviders(sandbox.url))),
    },
  });
  const [one, two] = [cluster.replicas.at(0).url, cluster.replicas.at(1).url];
  const ask = async (url: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/v0/management/${path}`, {
      method,
      headers: { authorization: `Bearer ${managementKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return shown.parse(await answer.json());
  };
  const status = (url: string, state: string) => ask(url, 'GET', `get-auth-status?state=${state}`);

  const { url = '', state = '' } = await ask(one, 'GET', 'anthropic-auth-url');
  expect(await status(two, state)).toEqual({ status: 'wait' });
  const answer = { provider: 'anthropic', redirect_url: await endOf(url) };
  expect(await ask(two, 'POST', 'oauth-callback', answer)).toEqual({ status: 'ok' });
  await eventually(async () => (await status(two, state)).status !== 'wait');
  expect([await status(one, state), await status(two, state)]).toEqual([{ status: 'ok' }, { status: 'ok' }]);

  const { state: other = '' } = await ask(one, 'GET', 'codex-auth-url');
  expect(await ask(two, 'DELETE', `oauth-session?state=${other}`)).toMatchObject({ cancelled: true });
  await eventually(async () => (await status(one, other)).status === 'error');
  const keys = await cluster.valkey.command('KEYS', '*text:sign-in*');
  expect(keys).not.toHaveLength(0);
  expect(JSON.stringify(keys)).not.toContain(state);
  expect(await status(two, 'nobodys-state')).toMatchObject({ code: 'unknown_state' });
}, 60_000);
