/** What passes between replicas where there is no Valkey: texts that all read, and messages from one to another. */
import { afterAll, expect, test } from 'bun:test';
import { postgresMessages } from '../../../src/cluster/postgres/members/replica-messages.ts';
import { postgresTexts } from '../../../src/cluster/postgres/members/shared-texts.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { eventually } from '../../eventually.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { startReplicas } from '../replicas.ts';
import { startPostgres } from '../servers.ts';
import { openReplica } from './replicas.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

const minute = 60_000;

test('a text is there for all replicas until its time is over, and is added by one alone', async () => {
  const url = await server.database('texts');
  await using one = await openReplica(url);
  await using other = await openReplica(url);
  const [here, there] = [one, other].map(({ postgres }) => postgresTexts(postgres, systemClock));
  if (here === undefined || there === undefined) throw new Error('there are two');
  expect(await there.get('a')).toBeNull();
  await here.put('a', 'first', minute);
  await here.put('a', 'second', minute);
  expect(await there.get('a')).toBe('second');
  // Asked for with a time, it lasts that long from now on.
  expect(await there.get('a', 1)).toBe('second');
  await eventually(async () => (await here.get('a')) === null);
  const added = await Promise.all([here, there, here].map((texts) => texts.add('b', 'mine', minute)));
  expect(added.filter(Boolean)).toHaveLength(1);
  await here.put('b', '', 1);
  await eventually(async () => (await there.add('b', 'again', minute)) === true);
  await here.note('list', 'one', minute);
  await here.note('list', 'two', 2 * minute);
  await here.note('list', 'gone', -1);
  const noted = await there.noted('list');
  expect(noted?.map(({ name }) => name)).toEqual(['two', 'one']);
  expect(Math.abs((noted?.[0]?.until ?? 0) - Date.now() - 2 * minute)).toBeLessThan(minute / 2);
});

test('a message of several megabytes arrives whole, at the one that it is for, and in order with others', async () => {
  const url = await server.database('messages');
  await using one = await openReplica(url);
  await using other = await openReplica(url);
  const sender = postgresMessages(one.postgres, 'aaaaaaaaaaaa');
  const taken: string[] = [];
  postgresMessages(other.postgres, 'bbbbbbbbbbbb').onMessage((text) => taken.push(text));
  sender.onMessage((text) => taken.push(`not for it: ${text.length}`));
  // It listens when the first arrives.
  await eventually(async () => {
    expect(await sender.send('bbbbbbbbbbbb', 'hello')).toBe(true);
    return taken.length > 0;
  });
  taken.length = 0;
  const long = 'x'.repeat(7_000_001);
  expect(await sender.send('bbbbbbbbbbbb', long)).toBe(true);
  expect(await sender.send('bbbbbbbbbbbb', 'last')).toBe(true);
  await eventually(() => taken.at(-1) === 'last');
  const [first] = taken.filter((text) => text !== 'hello');
  expect(first === long).toBe(true);
  expect(await sender.send('bbbbbbbbbbbb', 'x'.repeat(15_000_000))).toBe(false);
});

test('requests and console sessions of two replicas without a Valkey are known on both', async () => {
  using upstream = startUpstream(() => chatAnswer('hi'));
  const managementKey = 'management-key-of-the-tests';
  const settings = {
    ...oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]),
    'remote-management': { 'secret-key': managementKey },
    'auth-encryption-key': 'a-key-for-the-accounts-of-the-cluster',
    cluster: { postgres: await server.database('both') },
  };
  await using replicas = await startReplicas(2, { settings });
  const [one, two] = [replicas.at(0).url, replicas.at(1).url];
  const managed = (url: string, path: string) =>
    fetch(`${url}/v0/management/${path}`, { headers: { authorization: `Bearer ${managementKey}` } });
  const facts = async (url: string) => JSON.stringify(await (await managed(url, 'cluster')).json());
  // Each knows of the other after its next keep-alive, and what it says of itself.
  await eventually(async () => (await facts(one)).includes(`"url":"${two}"`));
  await eventually(async () => (await facts(two)).includes(`"url":"${one}"`));
  const answer = await fetch(`${one}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'model', messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.text();
  const id = answer.headers.get('x-request-id') ?? '';
  const explained = await (await managed(two, `requests/${id}`)).json();
  expect(explained).toMatchObject({ request: { id, replica: expect.any(String) } });

  const own = { 'content-type': 'application/json', 'x-console': '1' };
  const body = JSON.stringify({ key: managementKey });
  const signIn = await fetch(`${one}/console/api/session`, { method: 'POST', headers: own, body });
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const statusAt = async (url: string) =>
    (await fetch(`${url}/console/api/system`, { headers: { ...own, cookie } })).status;
  expect([await statusAt(one), await statusAt(two)]).toEqual([200, 200]);
  await fetch(`${two}/console/api/session`, { method: 'DELETE', headers: { ...own, cookie } });
  expect(await statusAt(two)).toBe(401);
  await eventually(async () => (await statusAt(one)) === 401);
}, 120_000);
