/** Mishaps in the middle of something: adopting that is killed, one file in two places, a key taken from a stream, a refresh without Postgres. */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type JsonObject, parseJson } from '../../../src/protocols/json.ts';
import { startRotatingTokens } from '../../accounts/rotating-tokens.ts';
import { run, started } from '../../cli/program.ts';
import { eventually } from '../../eventually.ts';
import { callOf, send } from '../../gateway/calls.ts';
import { chatAnswer, claudeAnswer, eventStream, startUpstream } from '../../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { ask } from '../load.ts';
import { startReplicas } from '../replicas.ts';
import { startPostgres } from '../servers.ts';
import { startTcpProxy } from '../tcp-proxy.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

const encryption = { 'auth-encryption-key': 'a-key-for-the-accounts-of-the-cluster', 'shutdown-drain': '0s' };
const managementKey = 'management-key-of-the-tests';
const hour = 3_600_000;
const login = (tokens: JsonObject, expiresIn: number): string =>
  JSON.stringify({
    ...{ type: 'claude', ...tokens, email: 'ann@example.com' },
    expiry: new Date(Date.now() + expiresIn).toISOString(),
  });

async function rows<Row>(url: string, row: z.ZodType<Row>, text: string): Promise<Row[]> {
  await using sql = new Bun.SQL(url, { max: 1 });
  return z.array(row).parse(Array.from(await sql.unsafe(text)));
}

test('"cluster adopt" that is killed at any message to Postgres is taken up again, and counts nothing twice', async () => {
  using upstream = startUpstream(() => chatAnswer('hi'));
  const alone = { ...oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]), ...encryption };
  const url = await server.database('adopted');
  await using single = await startReplicas(1, { settings: alone });
  const one = single.at(0);
  for (let count = 0; count < 5; count += 1) expect(await ask(one.url, { model: 'model' })).toBeUndefined();
  await one.stop();
  writeFileSync(join(one.authDir, 'ann.json'), login({ access_token: 'a', refresh_token: 'r' }, 8 * hour));
  let sent = 0;
  let onMessage: () => void = () => undefined;
  await using network = await startTcpProxy(server, {
    onSent(goOn) {
      sent += 1;
      goOn();
      onMessage();
    },
  });
  one.configure({ cluster: { postgres: network.through(url) } });
  const words = ['cluster', 'adopt', '--json', '--config', one.configFile];
  for (let last = 3; ; last += 4) {
    sent = 0;
    await using adopting = started(words, { cwd: one.folder });
    onMessage = () => {
      if (sent >= last) adopting.kill('SIGKILL');
    };
    if ((await adopting.exited) === 0) break;
  }
  onMessage = () => undefined;
  expect(await run(words, { cwd: one.folder })).toMatchObject({ code: 0, err: '' });
  const counts = z.object({
    requests: z.number(),
    sums: z.number(),
    accounts: z.number(),
    files: z.number(),
  });
  const found = await rows(
    url,
    counts,
    `SELECT (SELECT count(*)::int FROM cpa_usage_request) AS requests, (SELECT sum(requests)::int FROM cpa_usage_day) AS sums,
       (SELECT count(*)::int FROM cpa_account) AS accounts, (SELECT max(version)::int FROM cpa_config) AS files`,
  );
  expect(found).toEqual([{ requests: 5, sums: 5, accounts: 1, files: 1 }]);
  expect(existsSync(join(one.authDir, 'ann.json'))).toBe(false);
}, 280_000);

test('one file that is put into the auth-dir of two replicas at once is one account', async () => {
  const url = await server.database('files');
  const settings = { ...encryption, cluster: { postgres: url } };
  await using replicas = await startReplicas(2, { settings });
  for (let round = 1; round <= 4; round += 1) {
    const text = login({ access_token: `a${round}`, refresh_token: `r${round}` }, round * hour);
    const files = replicas.all.map(({ authDir }) => join(authDir, `ann-${round}.json`));
    for (const file of files) writeFileSync(file, text);
    await eventually(() => files.every((file) => existsSync(`${file}.imported`) && !existsSync(file)));
  }
  const names = z.object({ kind: z.string() });
  expect(await rows(url, names, 'SELECT kind FROM cpa_account')).toEqual([{ kind: 'claude' }]);
}, 120_000);

test('a key that is taken away while a stream of it runs: the stream ends whole, the next request is refused', async () => {
  const goOn = Promise.withResolvers<void>();
  const chunk = (delta: JsonObject, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'model', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  using upstream = startUpstream(() =>
    eventStream(
      new ReadableStream({
        async start(controller) {
          const write = (text: string) => controller.enqueue(new TextEncoder().encode(text));
          write(chunk({ role: 'assistant', content: 'One' }));
          await goOn.promise;
          write(`${chunk({ content: ' two' })}${chunk({}, 'stop')}data: [DONE]\n\n`);
          controller.close();
        },
      }),
    ),
  );
  const taken = 'key-that-is-taken-away';
  const settings = {
    ...oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]),
    ...encryption,
    'api-keys': [clientKey, taken],
    'remote-management': { 'secret-key': managementKey },
    cluster: { postgres: await server.database('revoked') },
  };
  await using replicas = await startReplicas(2, { settings });
  const [one, two] = [replicas.at(0), replicas.at(1)];
  const answer = await fetch(`${one.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${taken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'model', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
  });
  const removed = await fetch(`${two.url}/v0/management/api-keys?value=${taken}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${managementKey}` },
  });
  expect(removed.status).toBe(200);
  const models = async () =>
    (await fetch(`${one.url}/v1/models`, { headers: { authorization: `Bearer ${taken}` } })).status;
  await eventually(async () => (await models()) === 401);
  goOn.resolve();
  const text = await answer.text();
  expect(text).toContain(' two');
  expect(text).toEndWith('data: [DONE]\n\n');
}, 120_000);

test('Postgres that hangs while the provider answers a refresh: the request is served, and no token is lost', async () => {
  let hangs = false;
  using provider = startRotatingTokens({
    during() {
      if (hangs) server.hang();
      hangs = false;
    },
  });
  const messages = callOf('anthropic-messages');
  const model = 'claude-sonnet-5';
  using claude = startUpstream(({ key }) => claudeAnswer(key, model));
  const url = await server.database('hung');
  const settings = {
    ...encryption,
    cluster: { postgres: url },
    providers: { claude: { 'base-url': claude.url, oauth: { 'token-url': provider.url } } },
  };
  await using replicas = await startReplicas(2, { settings });
  const [one, two] = [replicas.at(0), replicas.at(1)];
  const answerOf = async ({ url: at }: { url: string }) => {
    const answer = await send(at, messages, { model });
    const text = await answer.text();
    return answer.ok ? messages.textOf(parseJson(text) ?? null) : `${answer.status}`;
  };
  provider.family('ann');
  hangs = true;
  writeFileSync(join(one.authDir, 'ann.json'), login(provider.signIn('ann'), -hour));
  try {
    // Taken in, it is due at once; the reply is in this replica's memory and on its disk when Postgres has it not yet.
    await eventually(async () => (await answerOf(one)) === 'access.ann.2');
  } finally {
    server.wake();
  }
  await eventually(async () => (await answerOf(two)) === 'access.ann.2');
  expect(provider.family('ann')).toMatchObject({ generation: 2, revoked: false, refreshes: 1 });
}, 120_000);
