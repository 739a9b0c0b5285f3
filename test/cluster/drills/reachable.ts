/** What is each replica's own, seen from another: how requests went, logs, what the process says of itself, the console's events. */
import { afterAll, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../../src/protocols/json.ts';
import { asObject, asString } from '../../../src/protocols/json-members.ts';
import { eventually } from '../../eventually.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { readinessOf, startCluster } from '../cluster.ts';

const managementKey = 'management-key-of-the-tests';
const upstream = startUpstream(() => chatAnswer('hi'));
afterAll(() => upstream[Symbol.dispose]());

const settings: JsonObject = {
  ...oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]),
  'remote-management': { 'secret-key': managementKey },
  'logging-to-file': true,
};

async function request({ url }: { url: string }, model = 'model'): Promise<string> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.text();
  return answer.headers.get('x-request-id') ?? '';
}

async function managed({ url }: { url: string }, path: string) {
  const answer = await fetch(`${url}/v0/management/${path}`, {
    headers: { authorization: `Bearer ${managementKey}` },
  });
  const text = await answer.text();
  return { status: answer.status, text, body: asObject(parseJson(text)) ?? {} };
}

const list = (value: unknown): JsonObject[] =>
  (Array.isArray(value) ? value : []).map((one) => asObject(one) ?? {});

test('requests, logs and processes of all replicas are reachable from each, and who is gone is said', async () => {
  await using cluster = await startCluster({ replicas: 3, settings });
  const [one, two, three] = [0, 1, 2].map((index) => cluster.replicas.at(index));
  if (one === undefined || two === undefined || three === undefined) throw new Error('there are three');
  await eventually(async () =>
    (await Promise.all(cluster.replicas.all.map(readinessOf))).every(({ engines }) =>
      Bun.deepEquals(engines, { valkey: 'up', postgres: 'up' }),
    ),
  );
  const shown = async (from: { url: string }) =>
    asObject((await managed(from, 'cluster')).body.cluster) ?? {};
  await eventually(async () => list((await shown(one)).replicas).length === 3);
  const replicas = list((await shown(one)).replicas);
  const urls = replicas.map(({ now }) => asString(asObject(now)?.url));
  expect(urls.sort()).toEqual(cluster.replicas.all.map(({ url }) => url).sort());
  const idOf = (url: string) => {
    const found = replicas.find(({ now }) => asObject(now)?.url === url);
    return asString(found?.id) ?? '';
  };

  // A request is explained by every replica, with the upstream's own words, and named once in the list of all.
  const id = await request(two);
  const failed = await request(three, 'no-such-model');
  for (const from of cluster.replicas.all) {
    const { status, body } = await managed(from, `requests/${id}`);
    expect(status).toBe(200);
    const steps = list(asObject(body.request)?.steps);
    expect(steps.map(({ result }) => result)).toEqual(['answered']);
  }
  const latest = list((await managed(one, 'requests?count=10')).body.requests).map((trace) => trace.id);
  expect(latest.filter((found) => found === id || found === failed).sort()).toEqual([id, failed].sort());
  const own = list((await managed(one, `requests?replica=${idOf(two.url)}`)).body.requests);
  expect(own.map((trace) => trace.id)).toEqual([id]);
  expect((await managed(one, 'requests/no-such-request')).status).toBe(404);

  // The log of another one; a name that nobody has, and one that all have, are said in words.
  const lines = await managed(one, `logs?replica=${idOf(three.url)}&limit=500`);
  expect(lines.status).toBe(200);
  // A line of the log has the end of a request's id.
  expect(lines.text).toContain(`[${failed.slice(-8)}]`);
  expect((await managed(one, 'logs?limit=500')).text).not.toContain(failed.slice(-8));
  expect(await managed(one, 'logs?replica=nobody')).toMatchObject({
    status: 404,
    body: { code: 'replica_not_found' },
  });
  const name = asString(replicas[0]?.name) ?? '';
  expect(await managed(one, `logs?replica=${name}`)).toMatchObject({ status: 400 });

  // What has a secret in it is not among what replicas ask of each other.
  expect((await managed(one, `config?replica=${idOf(two.url)}`)).body).not.toHaveProperty('error');

  await three.kill();
  const after = list((await shown(one)).replicas).filter(({ now }) => now === null);
  expect(after).toMatchObject([{ id: idOf(three.url), why: expect.stringContaining('not answered') }]);
  expect((await managed(two, `logs?replica=${idOf(three.url)}`)).status).toBe(504);
  await cluster.valkey.stop();
  await eventually(async () =>
    (await managed(one, `logs?replica=${idOf(two.url)}`)).text.includes(
      'cannot be reached while Valkey, or Postgres in its place, is down',
    ),
  );
  expect((await managed(one, 'requests')).status).toBe(200);
}, 90_000);

test('an open console sees requests of every replica as they end, and all who are signed in', async () => {
  await using cluster = await startCluster({ replicas: 2, settings });
  const [one, two] = [cluster.replicas.at(0), cluster.replicas.at(1)];
  const own = { 'content-type': 'application/json', 'x-console': '1' };
  const signIn = async ({ url }: { url: string }) => {
    const answer = await fetch(`${url}/console/api/session`, {
      method: 'POST',
      headers: own,
      body: JSON.stringify({ key: managementKey }),
    });
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  const [cookie] = [await signIn(one), await signIn(two)];
  const sessions = async () => {
    const answer = await fetch(`${one.url}/console/api/sessions`, { headers: { ...own, cookie } });
    return list(asObject(parseJson(await answer.text()))?.sessions);
  };
  await eventually(async () => (await sessions()).length === 2);

  const leave = new AbortController();
  const events = await fetch(`${one.url}/console/api/events`, {
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
    signal: leave.signal,
  });
  expect(events.status).toBe(200);
  let wanted: string | undefined;
  let seen = false;
  const read = (async () => {
    let text = '';
    for await (const chunk of events.body ?? []) {
      text += new TextDecoder().decode(chunk);
      const ended = [...text.matchAll(/"id":"([^"]+)"[^{}]*"replica":"[^"]+"/g)].map(([, id]) => id);
      if (wanted !== undefined && ended.includes(wanted)) return true;
    }
    return false;
  })();
  // Until it is asked the other replica keeps no rows: one that ended before is in the list of all.
  const ask = (async () => {
    while (!seen) {
      wanted = await request(two);
      await Bun.sleep(1200);
    }
  })();
  expect(await read).toBe(true);
  seen = true;
  leave.abort();
  await ask;
}, 60_000);
