/** What the drills stand on: engines that can be stopped, killed and hung, and a network that can be bad. */
import { expect, test } from 'bun:test';
import { startPostgres, startValkey } from './servers.ts';
import { startTcpProxy } from './tcp-proxy.ts';

/** What of `promise` is true after a moment: its outcome, or that there is none yet. */
async function soon<T>(promise: Promise<T>, milliseconds = 200): Promise<T | 'failed' | 'nothing yet'> {
  const pending = new Promise<'nothing yet'>((resolve) => setTimeout(resolve, milliseconds, 'nothing yet'));
  return Promise.race([promise.catch(() => 'failed' as const), pending]);
}

test('a Valkey comes back at its port after kill -9: empty, or with all that it had', async () => {
  await using forgetful = await startValkey();
  await using keeping = await startValkey({ keeps: true });
  for (const server of [forgetful, keeping]) {
    expect(await server.command('SET', 'name', 'value')).toBe('OK');
    await server.kill();
    expect(await soon(server.command('GET', 'name'), 2000)).toBe('failed');
    await server.start();
  }
  expect(await forgetful.command('GET', 'name')).toBeNull();
  expect(await keeping.command('GET', 'name')).toBe('value');
});

test('a Valkey that hangs takes connections and answers when it wakes', async () => {
  await using server = await startValkey({ password: 'a password' });
  server.hang();
  const asked = server.command('PING');
  expect(await soon(asked)).toBe('nothing yet');
  server.wake();
  expect(await asked).toBe('PONG');
});

test('a Postgres keeps what was committed over a stop and a kill -9', async () => {
  await using server = await startPostgres();
  const url = await server.database('kept');
  const query = async (text: string) => {
    await using sql = new Bun.SQL(url, { max: 1 });
    return [...(await sql.unsafe(text))];
  };
  await query('create table t (n int)');
  for (const away of [server.stop, server.kill]) {
    await query('insert into t values (1)');
    await away();
    expect(await soon(query('select 1'), 2000)).toBe('failed');
    await server.start();
  }
  expect(await query('select sum(n)::int as n from t')).toEqual([{ n: 2 }]);
});

test('a Postgres that hangs answers no connection, not even an open one', async () => {
  await using server = await startPostgres();
  await using sql = new Bun.SQL(server.url, { max: 1 });
  await sql`select 1`;
  server.hang();
  const asked = sql`select 2 as n`.then((rows) => [...rows]);
  expect(await soon(asked)).toBe('nothing yet');
  server.wake();
  expect(await asked).toEqual([{ n: 2 }]);
});

test('the proxy carries, delays, holds and cuts', async () => {
  await using server = await startValkey();
  await using proxy = await startTcpProxy(server);
  const client = new Bun.RedisClient(proxy.through(server.url), { autoReconnect: false });
  expect(await client.send('PING', [])).toBe('PONG');
  expect(proxy.connections()).toBe(1);

  proxy.delay(60);
  const started = performance.now();
  expect(await client.send('PING', [])).toBe('PONG');
  expect(performance.now() - started).toBeGreaterThanOrEqual(115);

  proxy.hold();
  const held = client.send('PING', []);
  expect(await soon(held)).toBe('nothing yet');
  proxy.restore();
  expect(await held).toBe('PONG');

  proxy.cut();
  expect(await soon(client.send('PING', []), 2000)).toBe('failed');
  expect(proxy.connections()).toBe(0);
  client.close();
  proxy.restore();
  const again = new Bun.RedisClient(proxy.through(server.url));
  expect(await again.send('PING', [])).toBe('PONG');
  again.close();
});
