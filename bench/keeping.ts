/**
 * What keeping usage, counting for metrics and tracing cost a request: gateways side by side, in turns, each with one thing more than
 * the one before. The rows add up to what all of it costs.
 */
import { cases } from './cases.ts';
import { startGateway, variantOf } from './contenders.ts';
import { measure } from './measure.ts';

/** At most so many percent more processor time. Source: issue 15, "Speed". */
const targets = {
  usage: { json: 7, sse: 3 },
  metrics: { json: 1, sse: 1 },
  'tracing 10 %': { json: 3, sse: 3 },
} as const;

/** Rounds that do not count: the engine compiles what proves hot. */
const warmUps = 15;

/** What the pairs of one case may take: many short rounds say more than few long ones, and all of it ends within five minutes. */
const secondsOfCase = 100;
/** Requests of a round. */
const requests = { json: 1500, sse: 400 };
/** Rounds without which a mean says nothing. */
const fewest = 3;
/** Processes of each variant: one process may be 5 % dearer than the next of the same code as long as it runs. */
const processes = 3;

export async function keepingTable(rounds: number): Promise<string> {
  const collector = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => Response.json({}) });
  const variants = [
    variantOf('off', { usage: { enable: false }, metrics: { enable: false } }),
    variantOf('usage', { metrics: { enable: false } }),
    variantOf('metrics', {}),
    variantOf('tracing 10 %', { tracing: { endpoint: collector.url.href, sample: 0.1 } }),
  ];
  const gateways = await Promise.all(
    Array.from({ length: processes }, (_, nth) =>
      variants.map(({ name, settings }) => variantOf(`${name} ${nth}`, settings)),
    )
      .flat()
      .map((variant) => startGateway(variant)),
  );
  const rows: string[][] = [];
  const memory: number[] = variants.map(() => 0);
  for (const name of ['JSON 1 KB, chat', 'SSE, chat']) {
    const test = cases.find((one) => one.name === name);
    if (test === undefined) throw new Error(`there is no case ${name}`);
    /** The mean of a round's processes, a variant a row. */
    const times: number[][] = variants.map(() => []);
    const short = { requests: test.mode === 'sse' ? requests.sse : requests.json };
    const end = performance.now() + secondsOfCase * 1000;
    for (let round = -warmUps; round < 8 * rounds; round++) {
      if (round >= fewest && performance.now() > end) break;
      // Each comes first in its turn, and behind each other: what ran just before makes a difference.
      const first = (round + warmUps) % gateways.length;
      const order = [...gateways.entries()];
      const turned = [...order.slice(first), ...order.slice(0, first)];
      if (round % 2 !== 0) turned.reverse();
      const sums = variants.map(() => 0);
      for (const [index, gateway] of turned) {
        const variant = index % variants.length;
        const { cpu = 0, rss = 0 } = await measure(test, gateway, short);
        memory[variant] = rss / 1024;
        sums[variant] = (sums[variant] ?? 0) + cpu / processes;
      }
      if (round >= 0) for (const [variant, sum] of sums.entries()) times[variant]?.push(sum);
    }
    for (const [index, { name: variant }] of variants.entries()) {
      if (index === 0) continue;
      const without = times[index - 1] ?? [];
      const kept = times[index] ?? [];
      const most = targets[variant as keyof typeof targets][test.mode === 'sse' ? 'sse' : 'json'];
      // Of all rounds together: what a collection costs falls into few of them, and a median leaves it out.
      const found = 100 * (mean(kept) / mean(without) - 1);
      rows.push([
        `${name}, ${variant} (${times[0]?.length} rounds)`,
        mean(without).toFixed(1),
        mean(kept).toFixed(1),
        `${found.toFixed(1)} %`,
        `≤ ${most} % ${found <= most ? '✓' : '✗'}`,
      ]);
    }
  }
  for (const gateway of gateways) await gateway.stop();
  await collector.stop(true);
  const used = variants.map(({ name }, index) => `${name} ${memory[index]?.toFixed(0)} MB`);
  return [table(rows), '', `Resident memory at the end: ${used.join(', ')}.`].join('\n');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function table(rows: readonly string[][]): string {
  return [
    ['Case', 'without µs', 'with µs', 'more', 'target'],
    ['---', '---:', '---:', '---:', '---:'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
