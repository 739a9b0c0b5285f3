/** How much memory the gateway takes at rest, under each kind of load after the other, and a minute after. */
import { type Case, cases } from './cases.ts';
import { startGateway, startUpstream } from './contenders.ts';
import { measure } from './measure.ts';
import { memory } from './process.ts';

/** Sixteen large prompts at once: what several agents with long conversations ask. */
const agents = { connections: 16, requests: 64 };

interface Step {
  name: string;
  plan?: typeof agents;
  /** What is another one than in the case. */
  other?: Pick<Case, 'mode' | 'size'>;
}

const steps: readonly Step[] = [
  { name: 'JSON 1 KB, chat' },
  { name: 'SSE, chat' },
  { name: 'SSE, anthropic → chat' },
  { name: '1 MB prompt, chat' },
  { name: '1 MB prompt, anthropic → chat' },
  { name: '1 MB prompt, anthropic → chat', plan: agents },
  { name: '1 MB prompt, anthropic → chat', plan: agents, other: { mode: 'sse', size: 700_000 } },
  { name: '1 MB prompt, chat → anthropic', plan: agents, other: { mode: 'paced', size: 700_000 } },
  { name: '1 MB prompt, responses → anthropic' },
  { name: '1 MB prompt, chat → gemini' },
  { name: 'SSE, chat' },
];

/** Every case of the benchmark as it is run there, one after the other. */
const allCases: readonly Step[] = cases.map(({ name }) => ({ name }));

/** A line for each step: resident memory after it, and the highest so far. `all`: the steps are the benchmark's own cases, each in so many rounds. */
export async function* memoryLines(all?: { rounds: number }): AsyncGenerator<string> {
  const upstream = await startUpstream();
  const gateway = await startGateway();
  const line = (name: string): string => {
    const { now, peak } = memory(gateway.pid ?? 0);
    const megabytes = (kilobytes: number): string => String(Math.round(kilobytes / 1024)).padStart(4);
    return `${name.padEnd(64)} ${megabytes(now)} MB, highest ${megabytes(peak)} MB`;
  };
  try {
    yield line('at rest');
    for (const { name, plan, other } of all === undefined ? steps : allCases) {
      const test = cases.find((one) => one.name === name);
      if (test === undefined) throw new Error(`there is no case ${name}`);
      for (let round = 0; round < (all?.rounds ?? 1); round++)
        await measure({ ...test, ...other }, gateway, plan);
      const shown = other === undefined ? name : `${name} (${other.size / 1000} KB, ${other.mode})`;
      yield line(plan === undefined ? shown : `${shown}, ${plan.connections} at once`);
    }
    await Bun.sleep(60_000);
    yield line('a minute after');
  } finally {
    await gateway.stop();
    await upstream.stop();
  }
}
