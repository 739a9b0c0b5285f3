/**
 * What keeping usage, counting for metrics and tracing cost a request: gateways side by side, in turns, each with one thing more than
 * the one before. The rows add up to what all of it costs.
 */
import { cases } from './cases.ts';
import { startGateway, variantOf } from './contenders.ts';
import { measure } from './measure.ts';
import { median } from './process.ts';

/** At most so many percent more processor time. Source: issue 15, "Speed". */
const targets = {
  usage: { json: 7, sse: 3 },
  metrics: { json: 1, sse: 1 },
  'tracing 10 %': { json: 3, sse: 3 },
} as const;

/** Rounds that do not count: the engine compiles what proves hot. */
const warmUps = 15;

/** What the pairs of one case may take: many short rounds say more than few long ones, and all of it ends within three minutes. */
const secondsOfCase = 80;
/** Requests of a round. */
const requests = { json: 2500, sse: 600 };
/** Rounds without which a median says nothing. */
const fewest = 3;

export async function keepingTable(rounds: number): Promise<string> {
  const collector = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => Response.json({}) });
  const variants = [
    variantOf('off', { usage: { enable: false }, metrics: { enable: false } }),
    variantOf('usage', { metrics: { enable: false } }),
    variantOf('metrics', {}),
    variantOf('tracing 10 %', { tracing: { endpoint: collector.url.href, sample: 0.1 } }),
  ];
  const gateways = await Promise.all(variants.map((variant) => startGateway(variant)));
  const rows: string[][] = [];
  const memory: number[] = gateways.map(() => 0);
  for (const name of ['JSON 1 KB, chat', 'SSE, chat']) {
    const test = cases.find((one) => one.name === name);
    if (test === undefined) throw new Error(`there is no case ${name}`);
    const times: number[][] = gateways.map(() => []);
    const short = { requests: test.mode === 'sse' ? requests.sse : requests.json };
    const end = performance.now() + secondsOfCase * 1000;
    for (let round = -warmUps; round < 8 * rounds; round++) {
      if (round >= fewest && performance.now() > end) break;
      // There and back again: what comes later in a round is not always the same.
      const order = [...gateways.entries()];
      if (round % 2 !== 0) order.reverse();
      for (const [index, gateway] of order) {
        const { cpu = 0, rss = 0 } = await measure(test, gateway, short);
        memory[index] = rss / 1024;
        if (round >= 0) times[index]?.push(cpu);
      }
    }
    for (const [index, { name: variant }] of variants.entries()) {
      if (index === 0) continue;
      const without = times[index - 1] ?? [];
      // Of pairs of the same round: what disturbs one disturbs the other.
      const more = (times[index] ?? []).map((time, round) => 100 * (time / (without[round] ?? time) - 1));
      const most = targets[variant as keyof typeof targets][test.mode === 'sse' ? 'sse' : 'json'];
      const found = median(more);
      rows.push([
        `${name}, ${variant} (${times[0]?.length} rounds)`,
        median(without).toFixed(1),
        median(times[index] ?? []).toFixed(1),
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

function table(rows: readonly string[][]): string {
  return [
    ['Case', 'without µs', 'with µs', 'more', 'target'],
    ['---', '---:', '---:', '---:', '---:'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
