/**
 * Six replicas as people run them, `serve` behind a network each, with one login whose refresh token is taken once: sixty rounds in
 * which one that renews it is killed, before or after each message to Postgres and while the provider answers.
 */
import { afterAll, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../../src/protocols/json.ts';
import { startRotatingTokens } from '../../accounts/rotating-tokens.ts';
import { eventually } from '../../eventually.ts';
import { callOf, send } from '../../gateway/calls.ts';
import { claudeAnswer, startUpstream } from '../../gateway/upstream.ts';
import { clientKey } from '../../gateway-harness.ts';
import { type Replica, startReplica } from '../replicas.ts';
import { type PostgresServer, startPostgres, startValkey } from '../servers.ts';
import { startTcpProxy } from '../tcp-proxy.ts';

const managementKey = 'management-key-of-the-tests';
const model = 'claude-sonnet-5';
const messages = callOf('anthropic-messages');
const rounds = 60;

/** The API of Claude, which says with whose token it was asked. */
const claude = startUpstream(({ key }) => claudeAnswer(key, model));
afterAll(() => claude[Symbol.dispose]());

/** Where the one that is asked first dies: at so many messages to Postgres, or while the provider answers. */
type Step = { at: 'provider' } | { at: 'message'; number: number; sent: boolean };

/** A replica with a network of its own to Postgres. */
interface Served extends AsyncDisposable {
  replica: Replica;
  /** As Postgres knows it; another one after each start. */
  id: string;
  /** Dies at this step from now on; never for none. */
  dieAt(step?: Step): void;
  /** Dies now, if it was to die while the provider answers. */
  providerAsked(): void;
  /** Messages to Postgres since then. */
  messages(): number;
  isDead(): boolean;
  /** Starts the dead one again, beside all else. */
  start(): void;
  /** Resolves when it serves. */
  ready(): Promise<void>;
  serves(): boolean;
}

async function startServed(postgres: PostgresServer, settings: JsonObject, url: string): Promise<Served> {
  let step: Step | undefined;
  let sent = 0;
  let dead = false;
  const die = (): void => {
    dead = true;
    replica.signal('SIGKILL');
  };
  const network = await startTcpProxy(postgres, {
    onSent(goOn) {
      // Whoever is dead says nothing more.
      if (dead) return;
      sent += 1;
      const last = step?.at === 'message' && step.number === sent ? step : undefined;
      if (last?.sent !== false) goOn();
      if (last !== undefined) die();
    },
  });
  const cluster = { ...Object(settings.cluster), postgres: network.through(url) };
  const replica = await startReplica({ settings: { ...settings, cluster } });
  const idOf = async (): Promise<string> => {
    const answer = await fetch(`${replica.url}/v0/management/cluster`, {
      headers: { authorization: `Bearer ${managementKey}` },
    });
    return String(Object(await answer.json()).cluster.replica);
  };
  let id = await idOf();
  let serves = true;
  let starting: Promise<void> = Promise.resolve();
  return {
    replica,
    get id() {
      return id;
    },
    dieAt(next) {
      step = next;
      sent = 0;
    },
    providerAsked() {
      if (step?.at === 'provider' && !dead) die();
    },
    messages: () => sent,
    isDead: () => dead,
    start() {
      serves = false;
      starting = (async () => {
        await replica.kill();
        step = undefined;
        dead = false;
        await replica.start();
        id = await idOf();
        serves = true;
      })();
      starting.catch(() => undefined);
    },
    ready: () => starting,
    serves: () => serves,
    async [Symbol.asyncDispose]() {
      await starting.catch(() => undefined);
      await replica[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
    },
  };
}

/** The token that answered, the refusal, or why nobody did. */
async function answerOf({ replica }: Served): Promise<string> {
  try {
    const answer = await send(replica.url, messages, { model });
    const text = await answer.text();
    return answer.ok ? messages.textOf(parseJson(text) ?? null) : `${answer.status} ${text}`;
  } catch (error) {
    return String(error);
  }
}

test('sixty rounds of a single-use token over six "serve", one killed at every step: the login lives', async () => {
  await using stack = new AsyncDisposableStack();
  const [valkey, postgres] = await Promise.all([startValkey(), startPostgres()]);
  stack.use(valkey);
  stack.use(postgres);
  let victim: Served | undefined;
  using provider = startRotatingTokens({
    // As long as a provider lets a client repeat what it had no answer to; each token is due again at once.
    ...{ forgiving: true, lifetime: 1 },
    during: () => victim?.providerAsked(),
  });
  const family = () => provider.family('ann');
  const url = await postgres.database('served');
  const settings: JsonObject = {
    'api-keys': [clientKey],
    'auth-encryption-key': 'encryption-key-of-the-tests',
    'shutdown-drain': '0s',
    'remote-management': { 'secret-key': managementKey },
    cluster: { valkey: valkey.url },
    providers: { claude: { 'base-url': claude.url, oauth: { 'token-url': provider.url } } },
  };
  const served: Served[] = [];
  // The first makes the tables.
  for (let count = 0; count < 6; count += 1)
    served.push(stack.use(await startServed(postgres, settings, url)));
  const [first] = served;
  if (first === undefined) throw new Error('there are six');
  const name = 'claude_oauth_ann.json';
  const account = { type: 'claude', ...provider.signIn('ann'), email: 'ann@example.com' };
  await Bun.write(
    `${first.replica.authDir}/${name}`,
    JSON.stringify({ ...account, expiry: new Date(Date.now() - 3_600_000).toISOString() }),
  );
  await eventually(async () =>
    (await Promise.all(served.map(answerOf))).every((answer) => answer.startsWith('access.ann.')),
  );
  await using sql = new Bun.SQL(url, { max: 1 });

  // How many messages a refresh is, from one that nobody disturbs.
  first.dieAt();
  expect(await answerOf(first)).toStartWith('access.ann.');
  const most = first.messages();
  expect(most).toBeGreaterThan(5);
  const steps: Step[] = [
    { at: 'provider' },
    ...Array.from({ length: most }, (_, at) =>
      [false, true].map((sent) => ({ at: 'message' as const, number: at + 1, sent })),
    ).flat(),
  ];

  let kills = 0;
  for (let round = 0; round < rounds; round += 1) {
    const step = steps[round % steps.length] ?? { at: 'provider' };
    victim = served[round % served.length];
    if (victim === undefined) throw new Error('there are six');
    await victim.ready();
    // Two may be on their way back.
    for (const one of served) if (served.filter((other) => other.serves()).length < 5) await one.ready();
    const before = { ...family() };
    victim.dieAt(step);
    const first = answerOf(victim);
    // The others come when it is at it.
    const chosen = victim;
    await eventually(() => chosen.messages() > 0 || chosen.isDead());
    const others = served.filter((one) => one !== chosen && one.serves());
    const answers = Promise.all(others.map(answerOf));
    await first;
    if (!victim.isDead()) victim.dieAt();
    else {
      kills += 1;
      const again = victim;
      // The time that the dead one is given passes: nobody has to wait for it here.
      await sql`UPDATE cpa_account SET lease_until = '-infinity', spending = false
        WHERE holder LIKE ${`% ${again.id}`}`;
      again.start();
    }
    const label = `round ${round}, ${JSON.stringify(step)}`;
    for (const answer of await answers) expect(answer, label).toStartWith('access.ann.');
    expect(family().revoked, label).toBe(false);
    expect(family().refreshes, label).toBeGreaterThan(before.refreshes);
    expect(family().forgiven - before.forgiven, label).toBeLessThanOrEqual(1);
  }
  await Promise.all(served.map((one) => one.ready()));
  expect(kills).toBeGreaterThan(rounds / 2);
  // All of them, those that were killed too, have the login.
  for (const answer of await Promise.all(served.map(answerOf))) expect(answer).toStartWith('access.ann.');
  expect(family()).toMatchObject({ revoked: false });
  expect(family().forgiven).toBeLessThan(kills);
}, 900_000);
