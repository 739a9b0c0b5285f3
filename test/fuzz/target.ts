/** One kind of input from outside, and what must hold whatever it is. */
import fc from 'fast-check';

export interface Target {
  name: string;
  /** Inputs of the short run in `npm test`. */
  short: number;
  /** Checks inputs until one fails, `inputs` are through or the time is over. */
  run(plan: Plan): Promise<Outcome>;
}

export interface Plan {
  seed: number;
  inputs?: number;
  milliseconds?: number;
  /** Gets each input before it is checked, as text. */
  record?: (input: string) => void;
  /** Called after each input. */
  checked?: (count: number) => void;
}

export interface Outcome {
  inputs: number;
  /** The smallest input found that fails, and why; undefined where all held. */
  failure: { input: string; reason: string } | undefined;
}

/** Milliseconds and bytes of memory that one input may take: far above what any needs, on a busy machine too. */
const mostMilliseconds = 5000;
const mostGrowth = 256 * 1024 * 1024;

/**
 * A target of what `inputs` makes. `check` throws, or rejects, where something does not hold; that an input ends in time and
 * takes no more memory than it may is checked here.
 */
export function target<Input>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => void | Promise<void>,
  short = 60,
): Target {
  return {
    name,
    short,
    async run({ seed, inputs: most, milliseconds, record, checked }) {
      let count = 0;
      const property = fc.asyncProperty(inputs, async (input) => {
        record?.(textOf(input));
        await bounded(() => check(input));
        count += 1;
        checked?.(count);
      });
      const result = await fc.check(property, {
        seed,
        numRuns: most ?? Number.MAX_SAFE_INTEGER,
        ...(milliseconds !== undefined && {
          interruptAfterTimeLimit: milliseconds,
          markInterruptAsFailure: false,
        }),
      });
      if (!result.failed || result.counterexample === null) return { inputs: count, failure: undefined };
      const [input] = result.counterexample;
      const error = result.errorInstance;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { inputs: count, failure: { input: textOf(input), reason } };
    },
  };
}

async function bounded(check: () => void | Promise<void>): Promise<void> {
  const memoryBefore = process.memoryUsage.rss();
  const startedAt = performance.now();
  const checked = check();
  if (checked !== undefined) await checked;
  const took = performance.now() - startedAt;
  if (took > mostMilliseconds) throw new Error(`one input took ${Math.round(took)} ms`);
  const grown = process.memoryUsage.rss() - memoryBefore;
  if (grown > mostGrowth) throw new Error(`one input took ${Math.round(grown / 1024 / 1024)} MB of memory`);
}

/** Texts as they are, so that a file of one can be used as it is; all else as source. */
function textOf(input: unknown): string {
  return typeof input === 'string' && input.isWellFormed() ? input : fc.stringify(input);
}
