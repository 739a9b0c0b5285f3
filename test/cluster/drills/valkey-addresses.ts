/** The addresses of a Valkey that is more than one server, each with the real thing behind it. */
import { expect, test } from 'bun:test';
import { connectValkey, scriptOf, type Valkey } from '../../../src/cluster/valkey/connection.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { eventually } from '../../eventually.ts';
import { startSentinelValkey, startValkeyCluster } from '../servers.ts';

async function connected(url: string): Promise<Valkey & Disposable> {
  const valkey = await connectValkey({ url, name: 'test', clock: systemClock });
  await valkey.ready(10_000);
  return { ...valkey, [Symbol.dispose]: valkey.close };
}

const isUp = ({ engine }: Valkey): boolean => engine.state.kind === 'up';
const both = scriptOf(
  `redis.call('SET', KEYS[1], ARGV[1]); return {redis.call('GET', KEYS[1]), redis.call('EXISTS', KEYS[2])}`,
);

/** All that a replica uses of it; a command may be late on a busy machine, and is not sent again by itself. */
async function serves(one: Valkey, other: Valkey): Promise<void> {
  const soon = (send: () => Promise<unknown>, expected: unknown) =>
    eventually(async () => Bun.deepEquals(await send().catch(() => undefined), expected));
  await soon(() => one.send('SET', one.key('a'), 'x', 'PX', 60_000), 'OK');
  await soon(() => other.send('GET', other.key('a')), 'x');
  await soon(() => one.run(both, [one.key('b'), one.key('a')], ['y']), ['y', 1]);
  const heard: string[] = [];
  other.subscribe(
    other.key('told'),
    (text) => heard.push(text),
    () => {},
  );
  await eventually(async () => {
    await one.send('PUBLISH', one.key('told'), 'hello').catch(() => undefined);
    return heard.length > 0;
  });
}

test('redis+cluster: commands, scripts of several keys and messages, and it comes back after a kill', async () => {
  await using server = await startValkeyCluster();
  const warnings: string[] = [];
  const warn = (warning: Error): void => void warnings.push(String(warning));
  process.on('warning', warn);
  using one = await connected(server.url);
  using other = await connected(server.url);
  await serves(one, other);
  await server.kill();
  await eventually(() => !isUp(one));
  await server.start();
  await eventually(() => isUp(one) && isUp(other));
  await serves(one, other);
  process.off('warning', warn);
  expect(warnings).toEqual([]);
}, 60_000);

test('redis+cluster: a server that is named first and is gone keeps nothing from the others', async () => {
  await using server = await startValkeyCluster();
  const url = server.url.replace('//', '//127.0.0.1:1,');
  using one = await connected(url);
  using other = await connected(url);
  await serves(one, other);
}, 60_000);

test('redis+sentinel: when the server in charge is gone the other is found, with messages', async () => {
  await using valkey = await startSentinelValkey();
  using one = await connected(valkey.url);
  using other = await connected(valkey.url);
  await serves(one, other);
  await valkey.servers[0].kill();
  await eventually(() => !isUp(one));
  await eventually(async () => {
    const reply = await one.send('SET', one.key('a'), 'after').catch(() => undefined);
    return reply === 'OK' && isUp(other);
  });
  expect(await valkey.servers[1].command('GET', one.key('a'))).toBe('after');
  await serves(one, other);
}, 60_000);
