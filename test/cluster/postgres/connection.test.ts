/** Postgres as replicas use it: each statement has a limit, and a server that went away is back without a restart. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { z } from 'zod';
import { openPostgres, type Postgres } from '../../../src/cluster/postgres/connection.ts';
import { isAway, PostgresFailure } from '../../../src/cluster/postgres/failure.ts';
import { systemTimers } from '../../../src/ground/timers.ts';
import { eventually } from '../../eventually.ts';
import { type PostgresServer, startPostgres } from '../servers.ts';
import { startTcpProxy } from '../tcp-proxy.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

const opened = (url = server.url) =>
  openPostgres({ url, now: Date.now, timers: systemTimers, limit: 800, connectLimit: 800, probeEvery: 50 });
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
    await eventually(() => gaps > listened && speaker.state.kind === 'up');
    await say('two');
    await eventually(() => payloads.includes('two'));
    proxy.hold();
    await eventually(() => postgres.state.kind === 'down');
    const before = gaps;
    proxy.restore();
    await eventually(() => postgres.state.kind === 'up' && gaps > before);
    await say('three');
    await eventually(() => payloads.includes('three'));
    expect(payloads.filter((word) => word === 'three')).toEqual(['three']);
    await postgres.close();
    await speaker.close();
  });
});
