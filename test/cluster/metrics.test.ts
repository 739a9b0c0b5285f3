/** What a replica's metrics say of the engines that it shares what it knows on. */
import { test } from 'bun:test';
import { eventually } from '../eventually.ts';
import { startCluster } from './cluster.ts';

test('15: a replica shows how long each engine took, and whether it answers', async () => {
  await using cluster = await startCluster({ replicas: 1, settings: {} });
  const page = async () => (await fetch(`${cluster.replicas.at(0).url}/metrics`)).text();
  const isUp = (text: string, engine: string, up: 0 | 1) =>
    text.includes(`cpa_shared_state_up{engine="${engine}"} ${up}\n`);
  const asked = (text: string, engine: string): string[] =>
    [
      ...text.matchAll(/^cpa_shared_state_op_seconds_count\{engine="(\w+)",op="([a-z]+)"\} [1-9]\d*$/gm),
    ].flatMap(([, of, operation]) => (of === engine && operation !== undefined ? [operation] : []));
  for (const [engine, operation] of [
    ['valkey', 'time'],
    ['postgres', 'select'],
  ] as const)
    await eventually(async () => {
      const text = await page();
      return isUp(text, engine, 1) && asked(text, engine).includes(operation);
    });
  await cluster.valkey[Symbol.asyncDispose]();
  await eventually(async () => isUp(await page(), 'valkey', 0));
}, 60_000);
