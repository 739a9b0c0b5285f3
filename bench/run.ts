/** `npm run bench [-- --quick] [--only TEXT]`: the gateway beside nginx and a direct connection. See docs/internals/performance.md. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Case, cases } from './cases.ts';
import { consoleLines } from './console.ts';
import {
  type Contender,
  direct,
  folder,
  nginxPath,
  startGateway,
  startNginx,
  startUpstream,
  timeToFirstAnswer,
} from './contenders.ts';
import { keepingTable } from './keeping.ts';
import { measure, memoryPerHeldStream, type Run } from './measure.ts';
import { memoryLines } from './memory.ts';
import { pollingTable } from './polling.ts';
import { median, memory } from './process.ts';
import { replicasTable } from './replicas.ts';
import { type Figures, markdown, writeFigures } from './report.ts';
import { selectionCosts, selectionTable } from './selection.ts';
import { streamCosts, streamTable } from './streams.ts';
import { translationCosts, translationTable } from './translation.ts';
import { usageStoreTable } from './usage-store.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const rounds = options.quick ? 3 : 7;
if (options.only === 'translation') {
  console.log(translationTable(translationCosts(3 * rounds)));
  process.exit(0);
}
if (options.only === 'streams') {
  console.log(streamTable(streamCosts(3 * rounds)));
  process.exit(0);
}
if (options.only === 'selection') {
  console.log(selectionTable(selectionCosts(rounds)));
  process.exit(0);
}
if (options.only === 'usage-store') {
  console.log(await usageStoreTable());
  process.exit(0);
}
// As `npm start` does, so that the gateway starts as it does for those who use it.
Bun.spawnSync([process.execPath, join(import.meta.dir, '../scripts/bundle.ts')]);
if (options.only === 'memory' || options.only === 'memory of all cases') {
  const all = options.only === 'memory' ? undefined : { rounds };
  for await (const line of memoryLines(all)) console.log(line);
  process.exit(0);
}
if (options.only === 'console') {
  for await (const line of consoleLines(rounds)) console.log(line);
  process.exit(0);
}
if (options.only === 'replicas') {
  const upstream = await startUpstream();
  console.log(await replicasTable(rounds));
  await upstream.stop();
  process.exit(0);
}
if (options.only === 'polling') {
  const upstream = await startUpstream();
  console.log(await pollingTable(rounds));
  await upstream.stop();
  process.exit(0);
}
if (options.only === 'keeping') {
  const upstream = await startUpstream();
  console.log(await keepingTable(rounds));
  await upstream.stop();
  process.exit(0);
}
const named = cases.filter(({ name }) => options.only === undefined || name.includes(options.only));
const wanted = cases.filter(
  (test) => named.includes(test) || named.some(({ against }) => against === test.name),
);
if (named.length === 0) {
  console.error(
    `No case has "${options.only}" in its name. There are:\n${cases.map(({ name }) => `  ${name}`).join('\n')}`,
  );
  process.exit(2);
}
const complete = options.only === undefined;

/**
 * Rounds that do not count: caches and pools fill. The gateway has more of them: its code is compiled step by step as it
 * proves hot, and what counts is what requests cost once that is done, some ten thousand requests after a start.
 */
const warmUps: Record<Contender['name'], number> = { direct: 1, nginx: 2, gateway: 6 };
const mostWarmUps = Math.max(...Object.values(warmUps));

/** Proxies without translation run a translated case as the plain one that it is compared with. */
function canRun(contender: Contender, test: Case): boolean {
  return contender.name === 'gateway' || test.client === test.upstream;
}

async function compare(test: Case, contenders: Contender[]): Promise<Record<string, Run[]>> {
  const runs: Record<string, Run[]> = {};
  for (let round = -mostWarmUps; round < rounds; round++) {
    for (const contender of contenders) {
      if (!canRun(contender, test) || round < -warmUps[contender.name]) continue;
      const run = await measure(test, contender);
      if (round >= 0) runs[contender.name] = [...(runs[contender.name] ?? []), run];
    }
  }
  const printed = contenders.map(({ name }) => {
    const found = runs[name]?.map(({ cpu }) => cpu).filter((cpu) => cpu !== undefined) ?? [];
    return found.length === 0 ? '' : `${name} ${median(found).toFixed(1)} µs`;
  });
  console.error(`${test.name.padEnd(36)} ${printed.filter((text) => text !== '').join(', ')}`);
  return runs;
}

async function latencies(test: Case, contenders: Contender[]): Promise<Figures['latency'][number]> {
  const p50: Record<string, number[]> = {};
  const p99: Record<string, number[]> = {};
  const alone = { connections: 1, requests: options.quick ? 300 : 1000 };
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const run = await measure(test, contender, alone);
      p50[contender.name] = [...(p50[contender.name] ?? []), run.p50];
      p99[contender.name] = [...(p99[contender.name] ?? []), run.p99];
    }
  }
  const medians = (of: Record<string, number[]>): Record<string, number> =>
    Object.fromEntries(Object.entries(of).map(([name, all]) => [name, median(all)]));
  return { name: test.name, p50: medians(p50), p99: medians(p99) };
}

/** Fresh processes: one that has worked before has memory to spare. */
async function heldMemory(test: Case): Promise<Record<string, number>> {
  const held: Record<string, number> = {};
  for (const start of [() => startNginx(nginx), () => startGateway()]) {
    for (const busy of started.splice(1)) await busy.stop();
    const contender = await start();
    started.push(contender);
    // The first streams pay for what is made once.
    await measure({ ...test, mode: 'sse' }, contender, { requests: 1000 });
    held[contender.name] = await memoryPerHeldStream(test, contender);
  }
  return held;
}

const nginx = await nginxPath();
const upstream = await startUpstream();
const started: Contender[] = [];
try {
  const firstAnswers: number[] = [];
  if (complete) for (let round = 0; round < rounds; round++) firstAnswers.push(await timeToFirstAnswer());

  started.push(direct());
  started.push(await startNginx(nginx));
  started.push(await startGateway());
  const figures: Figures = {
    rounds,
    cases: [],
    latency: [],
    held: undefined,
    peak: {},
    firstAnswer: complete ? median(firstAnswers) : undefined,
    selection: complete ? selectionCosts(rounds) : undefined,
    translation: complete ? translationCosts(3 * rounds) : undefined,
    streams: complete ? streamCosts(3 * rounds) : undefined,
  };
  for (const test of wanted) figures.cases.push({ test, runs: await compare(test, started) });
  for (const { name, pid } of started) if (pid !== undefined) figures.peak[name] = memory(pid).peak;
  if (complete) {
    for (const name of ['JSON 1 KB, chat', 'SSE, chat']) {
      const test = cases.find((candidate) => candidate.name === name);
      if (test !== undefined) figures.latency.push(await latencies(test, started));
    }
    const streams = cases.find(({ name }) => name === 'SSE, chat');
    if (streams !== undefined) figures.held = await heldMemory({ ...streams, mode: 'held' });
  }

  const text = markdown(figures);
  console.log(text);
  // Part of the cases, or too few rounds, is not worth keeping.
  if (complete && !options.quick)
    writeFigures(join(import.meta.dir, '../docs/internals/performance.md'), text);
} finally {
  for (const contender of started) await contender.stop();
  await upstream.stop();
  rmSync(folder, { recursive: true, force: true });
}
