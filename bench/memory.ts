/** How much memory the gateway takes at rest, under each kind of load after the other, and a minute after. */
import { cases } from './cases.ts';
import { startGateway, startUpstream } from './contenders.ts';
import { measure } from './measure.ts';
import { memory } from './process.ts';

/** Sixteen large prompts at once, streamed and translated: what several agents with long conversations ask. */
const agents = { connections: 16, requests: 64 };

const steps: readonly [name: string, plan?: { connections: number; requests: number }][] = [
  ['JSON 1 KB, chat'],
  ['SSE, chat'],
  ['SSE, anthropic → chat'],
  ['1 MB prompt, chat'],
  ['1 MB prompt, anthropic → chat'],
  ['1 MB prompt, anthropic → chat', agents],
  ['SSE, chat'],
];

/** A line for each step: resident memory after it, and the highest so far. */
export async function* memoryLines(): AsyncGenerator<string> {
  const upstream = await startUpstream();
  const gateway = await startGateway();
  const line = (name: string): string => {
    const { now, peak } = memory(gateway.pid ?? 0);
    const megabytes = (kilobytes: number): string => String(Math.round(kilobytes / 1024)).padStart(4);
    return `${name.padEnd(48)} ${megabytes(now)} MB, highest ${megabytes(peak)} MB`;
  };
  try {
    yield line('at rest');
    for (const [name, plan] of steps) {
      const test = cases.find((one) => one.name === name);
      if (test === undefined) throw new Error(`there is no case ${name}`);
      await measure(test, gateway, plan);
      yield line(plan === undefined ? name : `${name}, ${plan.connections} at once`);
    }
    await Bun.sleep(60_000);
    yield line('a minute after');
  } finally {
    await gateway.stop();
    await upstream.stop();
  }
}
