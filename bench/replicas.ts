/** What being a replica costs a request: a gateway alone and one in a cluster, which differ in nothing else, in turns. */

import type { JsonObject } from '../src/protocols/json.ts';
import { startPostgres, startValkey } from '../test/cluster/servers.ts';
import { type Case, cases } from './cases.ts';
import { clientKey, startGateway, variantOf } from './contenders.ts';
import { measure } from './measure.ts';
import { cpuTime, median } from './process.ts';

interface Compared {
  title: string;
  case: string;
  settings: JsonObject;
  /** At most so many percent more processor time. Source: issue 19. */
  most: number;
}

/** Far above what is asked, but counted all the same. */
const limits: JsonObject = {
  key: clientKey,
  name: 'bench',
  'requests-per-minute': 50_000_000,
  'tokens-per-minute': 5_000_000_000,
  budget: { day: { tokens: 500_000_000_000 } },
};

const compared: readonly Compared[] = [
  { title: 'SSE', case: 'SSE, chat', settings: {}, most: 15 },
  { title: 'JSON 1 KB', case: 'JSON 1 KB, chat', settings: {}, most: 5 },
  {
    title: 'JSON 1 KB, limits and a conversation',
    case: 'JSON 1 KB, chat',
    settings: { 'api-keys': [limits], routing: { 'session-affinity': true } },
    most: 35,
  },
];

/** Rounds that do not count: the engine compiles what proves hot. */
const warmUps = 3;
const requests = { json: 2500, sse: 600 };
/** What the pairs of one case may take, and rounds without which a median says nothing. */
const secondsOfCase = 30;
const fewest = 3;

export async function replicasTable(rounds: number): Promise<string> {
  await using valkey = await startValkey();
  await using postgres = await startPostgres({ fsync: true });
  const rows: string[][] = [];
  for (const [index, { title, case: name, settings, most }] of compared.entries()) {
    const test = cases.find((one) => one.name === name);
    if (test === undefined) throw new Error(`there is no case ${name}`);
    const cluster = {
      name: `bench${index}`,
      valkey: valkey.url,
      postgres: await postgres.database(`bench${index}`),
    };
    const key = { 'auth-encryption-key': 'encryption-key-of-the-benchmark' };
    const alone = await startGateway(variantOf(`alone${index}`, { ...settings, ...key }));
    const replica = await startGateway(variantOf(`replica${index}`, { ...settings, ...key, cluster }));
    const times = await pairs(test, [alone, replica], rounds, { valkey, postgres });
    await alone.stop();
    await replica.stop();
    const more = median(times.replica.map((time, round) => 100 * (time / (times.alone[round] ?? time) - 1)));
    rows.push([
      `${title} (${times.alone.length} rounds)`,
      ...[times.alone, times.replica].map((all) => median(all).toFixed(1)),
      `${more.toFixed(1)} %`,
      `≤ ${most} % ${more <= most ? '✓' : '✗'}`,
      ...[times.valkey, times.postgres].map((all) => median(all).toFixed(1)),
    ]);
  }
  return [
    ['Case', 'alone µs', 'replica µs', 'more', 'target', 'Valkey µs', 'Postgres µs'],
    ['---', '---:', '---:', '---:', '---:', '---:', '---:'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

type Engines = Record<'valkey' | 'postgres', { pids(): number[] }>;
type Times = Record<'alone' | 'replica' | 'valkey' | 'postgres', number[]>;

/** Microseconds of processor time a request, of pairs in the same round: what disturbs one disturbs the other. */
async function pairs(
  test: Case,
  [alone, replica]: [Awaited<ReturnType<typeof startGateway>>, Awaited<ReturnType<typeof startGateway>>],
  rounds: number,
  { valkey, postgres }: Engines,
): Promise<Times> {
  const times: Times = { alone: [], replica: [], valkey: [], postgres: [] };
  const count = test.mode === 'sse' ? requests.sse : requests.json;
  const spentBy = (engine: { pids(): number[] }) => engine.pids().reduce((sum, pid) => sum + cpuTime(pid), 0);
  const end = performance.now() + secondsOfCase * 1000;
  for (let round = -warmUps; round < 3 * rounds; round += 1) {
    if (round >= fewest && performance.now() > end) break;
    const found: Partial<Record<keyof Times, number>> = {};
    // There and back again: what comes later in a round is not always the same.
    for (const name of round % 2 === 0 ? (['alone', 'replica'] as const) : (['replica', 'alone'] as const)) {
      const before = { valkey: spentBy(valkey), postgres: spentBy(postgres) };
      const { cpu = 0 } = await measure(test, name === 'alone' ? alone : replica, { requests: count });
      found[name] = cpu;
      if (name === 'alone') continue;
      found.valkey = (spentBy(valkey) - before.valkey) / count;
      found.postgres = (spentBy(postgres) - before.postgres) / count;
    }
    if (round < 0) continue;
    for (const name of ['alone', 'replica', 'valkey', 'postgres'] as const)
      times[name].push(found[name] ?? 0);
  }
  return times;
}
