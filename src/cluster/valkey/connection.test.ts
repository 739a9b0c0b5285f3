import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { bundled } from '../../../test/bundled.ts';
import { startValkey } from '../../../test/cluster/servers.ts';
import { startTcpProxy } from '../../../test/cluster/tcp-proxy.ts';
import { eventually } from '../../../test/eventually.ts';
import { systemClock } from '../../ground/clock.ts';
import { connectValkey, scriptOf, type Valkey } from './connection.ts';

async function connectedSoon(url: string): Promise<Valkey & Disposable> {
  const valkey = await connectValkey({ url, name: 'test', clock: systemClock });
  return { ...valkey, [Symbol.dispose]: valkey.close };
}

async function connected(url: string): Promise<Valkey & Disposable> {
  const valkey = await connectedSoon(url);
  await valkey.ready(2000);
  return valkey;
}

const isUp = ({ engine }: Valkey): boolean => engine.state.kind === 'up';

test('commands and scripts are answered, and all keys have one hash tag', async () => {
  await using server = await startValkey({ password: 'secret' });
  using valkey = await connected(server.url);
  expect(valkey.engine.state).toEqual({ kind: 'up' });
  expect(valkey.key('a')).toBe('cpa:{test}:a');
  expect(await valkey.send('SET', valkey.key('a'), 1)).toBe('OK');
  const script = scriptOf(`return {redis.call('INCRBY', KEYS[1], ARGV[1]), 'text', {}}`);
  expect(await valkey.run(script, [valkey.key('a')], [2])).toEqual([3, 'text', []]);
  await server.command('SCRIPT', 'FLUSH');
  expect(await valkey.run(script, [valkey.key('a')], [2])).toEqual([5, 'text', []]);
  expect(valkey.send('NO-SUCH-COMMAND')).rejects.toThrow('unknown command');
  expect(isUp(valkey)).toBe(true);
});

test('a server that does not know a script or refuses a command is up, in the minified program, too', async () => {
  using program = await bundled(join(import.meta.dir, 'connection.ts'));
  const built: typeof import('./connection.ts') = await import(program.file);
  await using server = await startValkey();
  const { url } = server;
  const valkey = await built.connectValkey({ url, name: 'test', clock: systemClock });
  await valkey.ready(2000);
  const states: string[] = [];
  valkey.engine.onState(({ kind }) => states.push(kind));
  expect(await valkey.run(scriptOf('return 1'), [], [])).toBe(1);
  await expect(valkey.send('NO-SUCH-COMMAND')).rejects.toThrow('unknown command');
  expect(states).toEqual([]);
  valkey.close();
});

test('15: each command is timed, those that fail too', async () => {
  await using server = await startValkey();
  const timed: [string, number][] = [];
  const valkey = await connectValkey({
    ...{ url: server.url, name: 'test', clock: systemClock },
    onOperation: (operation, ms) => timed.push([operation, ms]),
  });
  await valkey.ready(2000);
  timed.length = 0;
  await valkey.send('SET', valkey.key('a'), 1);
  await valkey.run(scriptOf('return 1'), [], []);
  await expect(valkey.send('INCR')).rejects.toThrow();
  valkey.close();
  await expect(valkey.send('GET', valkey.key('a'))).rejects.toThrow();
  const operations = timed.map(([operation]) => operation).filter((operation) => operation !== 'time');
  expect(operations).toEqual(['set', 'evalsha', 'eval', 'incr', 'get']);
  expect(timed.every(([, ms]) => ms >= 0 && ms < 10_000)).toBe(true);
});

test('what is published arrives, also after the server was killed and is back', async () => {
  await using server = await startValkey();
  using valkey = await connected(server.url);
  const received: string[] = [];
  let gaps = 0;
  valkey.subscribe(
    'news',
    (text) => received.push(text),
    () => (gaps += 1),
  );
  await eventually(() => gaps === 1);
  await valkey.send('PUBLISH', 'news', 'one');
  await eventually(() => received.length === 1);
  await server.kill();
  await eventually(() => !isUp(valkey));
  const started = performance.now();
  await expect(valkey.send('PING')).rejects.toThrow();
  expect(performance.now() - started).toBeLessThan(100);
  await server.start();
  await eventually(() => isUp(valkey) && gaps === 2);
  await valkey.send('PUBLISH', 'news', 'two');
  await eventually(() => received.length === 2);
  expect(received).toEqual(['one', 'two']);
});

test('a server that hangs is down after a second without an answer, and up when it wakes', async () => {
  await using server = await startValkey();
  using valkey = await connected(server.url);
  server.hang();
  const started = performance.now();
  await expect(valkey.send('PING')).rejects.toThrow();
  expect(performance.now() - started).toBeLessThan(1000);
  await eventually(() => !isUp(valkey));
  expect(performance.now() - started).toBeLessThan(3000);
  expect(valkey.engine.state).toMatchObject({ kind: 'down', why: 'it does not answer in time' });
  server.wake();
  await eventually(() => isUp(valkey));
});

test('a server that answers late once, for less than a second, is not said to be away', async () => {
  await using server = await startValkey();
  using valkey = await connected(server.url);
  const states: string[] = [];
  valkey.engine.onState(({ kind }) => states.push(kind));
  server.hang();
  // The command is late, and so is the first question whether it is there.
  await expect(valkey.send('PING')).rejects.toThrow('timed out');
  await Bun.sleep(300);
  server.wake();
  await eventually(async () => (await valkey.send('PING').catch(() => '')) === 'PONG');
  expect(states).toEqual([]);
});

test('a connection that is silent for ever is replaced', async () => {
  await using server = await startValkey();
  await using proxy = await startTcpProxy(server);
  using valkey = await connected(proxy.through(server.url));
  const before = proxy.connections();
  proxy.hold();
  await eventually(() => proxy.connections() > before);
  proxy.restore();
  await eventually(() => isUp(valkey));
}, 20_000);

test.each([
  { url: 'redis://127.0.0.1:1', why: 'nothing listens at its address' },
  { url: 'redis://no-such-host.invalid', why: 'its name is not known' },
])('$url: what is asked is refused at once, and it is said why', async ({ url, why }) => {
  using valkey = await connectedSoon(url);
  await expect(valkey.send('PING')).rejects.toThrow();
  await eventually(() => valkey.engine.state.kind === 'down' && valkey.engine.state.why === why);
});

test('a wrong password is said', async () => {
  await using server = await startValkey({ password: 'secret' });
  using valkey = await connectedSoon(server.url.replace('secret', 'wrong'));
  const why = 'it refuses the user or the password';
  await eventually(() => valkey.engine.state.kind === 'down' && valkey.engine.state.why === why);
  await expect(valkey.send('PING')).rejects.toThrow();
});

test('a connection that breaks before what is published is asked for again is made anew', async () => {
  await using server = await startValkey();
  await using network = await startTcpProxy(server);
  using valkey = await connected(network.through(server.url));
  let gaps = 0;
  valkey.subscribe(
    'news',
    () => {},
    () => (gaps += 1),
  );
  await eventually(() => gaps === 1);
  // What stands in front of it takes connections all the same, and ends each.
  await server.stop();
  await eventually(() => !isUp(valkey));
  await Bun.sleep(300);
  await server.start();
  await eventually(() => isUp(valkey) && gaps === 2);
});
