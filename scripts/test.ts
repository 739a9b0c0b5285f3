/**
 * `npm test`: format, lint, types, unused code, generated documents, then all unit, property and end-to-end
 * tests. A line a step; failures in full; the last line is `N passed, N failed`, where each step before the tests counts
 * as one. Ends with 1 when anything failed. Arguments name test files to run alone: `npm test -- ./test/cli`.
 *
 * Files run two at a time. A file that failed is run once more with nothing beside it, where those are few: tests with real
 * processes, browsers and limits of time may fail for want of a core. It is named, and what fails again has failed.
 */
import { join } from 'node:path';
import { styleText } from 'node:util';

const project = join(import.meta.dir, '..');
const colours = styleText('red', 'x') !== 'x';
const binary = (name: string) => join(project, 'node_modules/.bin', name);

interface Step {
  title: string;
  command: string[];
  /** After this many milliseconds the step counts as failed: something hangs. */
  limit: number;
  /** True where the step prints a count of its own as it goes. */
  counts?: boolean;
}

const only = process.argv.slice(2);
const checks: Step[] = [
  {
    title: 'format, lint',
    command: [binary('biome'), 'ci', '--error-on-warnings', '.'],
    limit: 60_000,
  },
  { title: 'types', command: [binary('tsc'), '--noEmit'], limit: 120_000 },
  {
    title: 'types of the console',
    command: [binary('tsc'), '--noEmit', '-p', 'console'],
    limit: 120_000,
  },
  { title: 'unused code', command: [binary('knip')], limit: 120_000 },
  {
    title: 'documents are up to date',
    command: [process.execPath, join(project, 'scripts/docs.ts'), '--check'],
    limit: 60_000,
  },
];
const tests: Step = {
  title: 'unit, property, end-to-end',
  command: [
    process.execPath,
    'test',
    '--only-failures',
    '--parallel',
    '--timeout=20000',
    ...(only.length > 0 ? only : ['./src', './sandbox', './test']),
  ],
  // Ten minutes on a quiet machine with two cores: what takes twice as long hangs.
  limit: 1_200_000,
  counts: true,
};

/** Files beyond which it is no want of a core. */
const mostAlone = 5;

let passed = 0;
let failed = 0;
for (const step of only.length > 0 ? [tests] : [...checks, tests]) {
  const started = performance.now();
  if (step.counts) console.log(`… ${step.title}`);
  const run = await execute(step);
  const count = step.counts
    ? countTests(run.output, run.ok)
    : { passed: run.ok ? 1 : 0, failed: run.ok ? 0 : 1 };
  if (!step.counts && !run.ok) console.log(run.output.trimEnd());
  if (step.counts && !run.stopped) {
    const again = await passedAlone(failedFiles(run.output), count.failed);
    count.passed += again;
    count.failed -= again;
  }
  passed += count.passed;
  failed += count.failed;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const mark = count.failed === 0 ? styleText('green', '✓') : styleText('red', '✗');
  const stopped = run.stopped ? `, stopped after ${step.limit / 1000} s` : '';
  console.log(`${mark} ${step.title} ${styleText('dim', `(${seconds} s${stopped})`)}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs a step to its end; what it prints is collected, and shown at once where the step counts as it goes. */
async function execute(step: Step): Promise<{ ok: boolean; stopped: boolean; output: string }> {
  const child = Bun.spawn(step.command, {
    cwd: project,
    env: { ...process.env, ...(colours ? { FORCE_COLOR: '1' } : {}) },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: step.limit,
    killSignal: 'SIGKILL',
  });
  let output = '';
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      output += text;
      if (step.counts) process.stdout.write(text);
    }
  };
  await Promise.all([collect(child.stdout), collect(child.stderr), child.exited]);
  return { ok: child.exitCode === 0, stopped: child.signalCode === 'SIGKILL', output };
}

/** How many tests failed in each file. */
function failedFiles(output: string): Map<string, number> {
  const files = new Map<string, number>();
  let file = '';
  for (const line of Bun.stripANSI(output).split('\n')) {
    file = line.match(/^(\S+\.test\.tsx?):$/)?.[1] ?? file;
    if (line.startsWith('(fail)')) files.set(file, (files.get(file) ?? 0) + 1);
  }
  return files;
}

/** Runs files that failed once more, one by one; gives how many of the `all` failures were none then. */
async function passedAlone(files: ReadonlyMap<string, number>, all: number): Promise<number> {
  const counted = [...files.values()].reduce((sum, count) => sum + count, 0);
  // What failed outside of any test is not made good by a test that passes.
  if (files.size > mostAlone || counted !== all || files.has('')) return 0;
  let good = 0;
  for (const [file, count] of files) {
    console.log(`… once more, alone: ${file}`);
    const command = [process.execPath, 'test', '--only-failures', '--timeout=20000', `./${file}`];
    const { ok } = await execute({ title: file, command, limit: 180_000, counts: true });
    if (!ok) continue;
    good += count;
    console.log(`${styleText('yellow', '↻')} ${file}: ${count} failed beside other files, all pass alone`);
  }
  return good;
}

/** The counts of bun's summary; a run that failed in another way, as in a crash, is at least one failure. */
function countTests(output: string, ok: boolean): { passed: number; failed: number } {
  const summary = Bun.stripANSI(output);
  const count = (word: string) =>
    Number([...summary.matchAll(new RegExp(`^\\s*(\\d+) ${word}$`, 'gm'))].at(-1)?.[1] ?? 0);
  return { passed: count('pass'), failed: Math.max(count('fail'), ok ? 0 : 1) };
}
