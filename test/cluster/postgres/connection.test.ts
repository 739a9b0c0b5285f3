/** Postgres as replicas use it: each statement has a limit, and a server that went away is back without a restart. */
import { afterAll, describe, expect, spyOn, test } from 'bun:test';
import { z } from 'zod';
import { openPostgres, type Postgres } from '../../../src/cluster/postgres/connection.ts';
import { isAway, PostgresFailure } from '../../../src/cluster/postgres/failure.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { eventually } from '../../eventually.ts';
import { startPostgres } from '../servers.ts';
import { startTcpProxy } from '../tcp-proxy.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

const opened = (url = server.url) =>
  openPostgres({ url, clock: systemClock, limit: 800, connectLimit: 800, probeEvery: 50 });
const one = z.object({ one: z.number() });
const ask = (postgres: Postgres) => postgres.rows(one, 'SELECT 1 AS one');

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

describe('a statement', () => {
  test('gives its rows, parsed; what the server refuses is a failure with its code', async () => {
    const postgres = await opened();
    expect(postgres.state).toEqual({ kind: 'up' });
    expect(await ask(postgres)).toEqual([{ one: 1 }]);
    const failure = await failureOf(postgres.run('SELECT 1/0'));
    expect(failure).toMatchObject({ kind: 'refused', sqlState: '22012' });
    expect(postgres.state).toEqual({ kind: 'up' });
    await postgres.close();
  });

  test('15: is timed by its first word, a transaction as one, those that fail too', async () => {
    const timed: string[] = [];
    const postgres = await openPostgres({
      ...{ url: server.url, clock: systemClock, probeEvery: 60_000 },
      onOperation(operation, ms) {
        timed.push(operation);
        expect(ms).toBeGreaterThanOrEqual(0);
      },
    });
    timed.length = 0;
    await ask(postgres);
    await failureOf(postgres.run('INSERT INTO nowhere VALUES (1)'));
    await postgres.transaction(async (inside) => void (await inside.run('SELECT 1')));
    await failureOf(postgres.transaction(() => Promise.reject(new Error('no'))));
    expect(timed).toEqual(['select', 'insert', 'transaction', 'transaction']);
    await postgres.close();
  });

  test('that takes too long is cancelled, and the server stays up', async () => {
    const postgres = await opened();
    const failure = await failureOf(postgres.run('SELECT pg_sleep(20)'));
    expect(isAway(failure)).toBe(true);
    const sleeping =
      "SELECT count(*)::int AS one FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(20)' AND state = 'active'";
    await eventually(async () => (await postgres.rows(one, sleeping))[0]?.one === 0);
    expect(postgres.state).toEqual({ kind: 'up' });
    expect(await ask(postgres)).toEqual([{ one: 1 }]);
    await postgres.close();
  });

  test('a transaction is all or nothing, and ends within its limit', async () => {
    const postgres = await opened();
    await postgres.run('CREATE TABLE kept (n int)');
    const count = async () =>
      (await postgres.rows(one, 'SELECT count(*)::int AS one FROM kept')).map((row) => row.one);
    const wrong = postgres.transaction(async (inside) => {
      await inside.run('INSERT INTO kept VALUES (1)');
      throw new Error('no');
    });
    expect(await failureOf(wrong)).toEqual(new Error('no'));
    const slow = postgres.transaction(async (inside) => {
      await inside.run('INSERT INTO kept VALUES (2)');
      await inside.run('SELECT pg_sleep(20)');
    });
    expect(await failureOf(slow)).toBeInstanceOf(PostgresFailure);
    expect(await count()).toEqual([0]);
    expect(await postgres.transaction((inside) => inside.run('INSERT INTO kept VALUES (3)'))).toBe(1);
    expect(await count()).toEqual([1]);
    await postgres.close();
  });
});

describe('a server that goes away', () => {
  test('killed: it is down at once, and up again after its start', async () => {
    const postgres = await opened();
    const states: string[] = [];
    postgres.onState(({ kind }) => states.push(kind));
    await server.kill();
    expect(isAway(await failureOf(ask(postgres)))).toBe(true);
    expect(postgres.state.kind).toBe('down');
    await server.start();
    await eventually(() => postgres.state.kind === 'up');
    expect(await ask(postgres)).toEqual([{ one: 1 }]);
    expect(states).toEqual(['down', 'up']);
    await postgres.close();
  });

  test('hung: a statement fails in time, the next at once, until it answers again', async () => {
    const postgres = await opened();
    server.hang();
    const begun = performance.now();
    expect(isAway(await failureOf(ask(postgres)))).toBe(true);
    expect(performance.now() - begun).toBeLessThan(2000);
    await eventually(() => postgres.state.kind === 'down');
    const again = performance.now();
    expect(isAway(await failureOf(ask(postgres)))).toBe(true);
    expect(performance.now() - again).toBeLessThan(200);
    server.wake();
    await eventually(() => postgres.state.kind === 'up');
    expect(await ask(postgres)).toEqual([{ one: 1 }]);
    await postgres.close();
  });

  test('not there at the start: the connection opens, and is up later', async () => {
    await server.stop();
    const postgres = await opened();
    expect(postgres.state.kind).toBe('down');
    await server.start();
    await eventually(() => postgres.state.kind === 'up');
    await postgres.close();
  });
});

describe('notifications', () => {
  test('arrive, also after the server was killed and after its network was silent', async () => {
    await using proxy = await startTcpProxy(server);
    const postgres = await opened(proxy.through(server.url));
    const speaker = await opened();
    const payloads: string[] = [];
    let gaps = 0;
    postgres.listen(
      'told',
      (payload) => payloads.push(payload),
      () => gaps++,
    );
    const say = (word: string) => speaker.rows(z.object({}), 'SELECT pg_notify($1, $2)', ['told', word]);
    await eventually(() => gaps > 0);
    await say('one');
    await eventually(() => payloads.includes('one'));
    const listened = gaps;
    await server.kill();
    await server.start();
    const listens = () => Bun.deepEquals(postgres.state, { kind: 'up' });
    await eventually(() => gaps > listened && listens() && speaker.state.kind === 'up');
    await say('two');
    await eventually(() => payloads.includes('two'));
    proxy.hold();
    await eventually(() => postgres.state.kind === 'down');
    const before = gaps;
    proxy.restore();
    await eventually(() => listens() && gaps > before);
    await say('three');
    await eventually(() => payloads.includes('three'));
    expect(payloads.filter((word) => word === 'three')).toEqual(['three']);
    await postgres.close();
    await speaker.close();
  });
});

describe('notifications of a server that is away', () => {
  test('nothing of the runtime’s own tries is written to standard error, and they arrive when it is back', async () => {
    const warned = spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const postgres = await opened();
      const payloads: string[] = [];
      let gaps = 0;
      postgres.listen(
        'told',
        (payload) => payloads.push(payload),
        () => gaps++,
      );
      await eventually(() => gaps > 0);
      const listened = gaps;
      await server.stop();
      await eventually(() => postgres.state.kind === 'down');
      // The runtime tries again after 250 ms, 500 ms and so on.
      await Bun.sleep(1500);
      await server.start();
      await eventually(() => gaps > listened && postgres.state.kind === 'up');
      await postgres.rows(z.object({}), 'SELECT pg_notify($1, $2)', ['told', 'again']);
      await eventually(() => payloads.includes('again'));
      expect(warned.mock.calls).toEqual([]);
      await postgres.close();
    } finally {
      warned.mockRestore();
    }
  });
});

describe('the connections of a replica', () => {
  test('one listens to all channels, and no other is made for it', async () => {
    const postgres = await opened(await server.database('listened_to'));
    const clients = async (): Promise<number> => {
      const here = 'SELECT count(*)::int AS one FROM pg_stat_activity WHERE datname = current_database()';
      const [row] = await postgres.rows(one, here);
      return row?.one ?? 0;
    };
    const confirmed = new Set<string>();
    for (const channel of ['a', 'b', 'c', 'd'])
      postgres.listen(
        channel,
        () => {},
        () => confirmed.add(channel),
      );
    await eventually(() => confirmed.size === 4);
    await Promise.all(Array.from({ length: 20 }, () => ask(postgres)));
    // Five for statements and the one that listens; before the echo has gone round and after it.
    expect(await clients()).toBeLessThanOrEqual(6);
    await Bun.sleep(600);
    expect(await clients()).toBeLessThanOrEqual(6);
    await postgres.close();
  });

  test('a server that takes no listener is up, degraded, and polled until it does', async () => {
    await using full = await startPostgres({
      settings: { max_connections: '12', max_wal_senders: '0', superuser_reserved_connections: '0' },
    });
    const postgres = await opened(full.url);
    await Promise.all(Array.from({ length: 5 }, () => ask(postgres)));
    const others: Postgres[] = [];
    for (;;) {
      const other = await openPostgres({
        ...{ url: full.url, clock: systemClock, most: 1, probeEvery: 60_000 },
      });
      others.push(other);
      if (other.state.kind === 'down') break;
    }
    const states: unknown[] = [];
    postgres.onState((state) => states.push(state));
    let gaps = 0;
    postgres.listen(
      'told',
      () => {},
      () => gaps++,
    );
    await eventually(() => states.length > 0 && gaps > 3);
    expect(states).toEqual([{ kind: 'up', degraded: expect.stringContaining('too many clients') }]);
    expect(await ask(postgres)).toEqual([{ one: 1 }]);
    for (const other of others) await other.close();
    await eventually(() => states.length > 1);
    expect(states.at(-1)).toEqual({ kind: 'up' });
    await postgres.close();
  }, 30_000);

  test('a database that does not exist is said in the server’s words', async () => {
    const postgres = await opened(server.url.replace(/[^/]*$/, 'nobody_made_it'));
    expect(postgres.state).toMatchObject({
      kind: 'down',
      why: 'database "nobody_made_it" does not exist',
    });
    await postgres.close();
  });
});
