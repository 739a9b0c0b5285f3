/**
 * `npm run fuzz [-- --minutes M] [--seed N] [--target TEXT]`: hostile inputs against everything that reads what comes from
 * outside. The time is shared out over the targets; each runs in a process of its own, so that one that hangs is ended. An
 * input that fails, made as small as possible, goes to a file. Ends with 1 when there is one.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from './target.ts';
import { stopTargets, targets } from './targets.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    target: { type: 'string', default: '' },
    // What a process of one target is told.
    alone: { type: 'boolean', default: false },
    milliseconds: { type: 'string' },
    record: { type: 'string' },
  },
});
const seed = Number(options.seed ?? Date.now() % 2 ** 31);

/** A process that says nothing for so long hangs. */
const longestSilence = 30_000;

if (options.alone) await runAlone();
else await runAll();

/** A process of one target: says on each line of its output how it stands. */
async function runAlone(): Promise<void> {
  const found = targets.find(({ name }) => name === options.target);
  if (found === undefined) throw new Error(`there is no target ${options.target}`);
  const { record } = options;
  let told = performance.now();
  const outcome = await found.run({
    seed,
    milliseconds: Number(options.milliseconds),
    ...(record !== undefined && { record: (input: string) => writeFileSync(record, input) }),
    checked(count) {
      if (performance.now() - told < 500) return;
      told = performance.now();
      process.stdout.write(`${count}\n`);
    },
  });
  await stopTargets();
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

async function runAll(): Promise<void> {
  const wanted = targets.filter(({ name }) => name.includes(options.target));
  if (wanted.length === 0) {
    console.error(
      `No target has "${options.target}" in its name:\n${targets.map(({ name }) => `  ${name}`).join('\n')}`,
    );
    process.exit(2);
  }
  const milliseconds = Math.round((Number(options.minutes) * 60_000) / wanted.length);
  console.log(`seed ${seed}, ${(milliseconds / 1000).toFixed(1)} s for each of ${wanted.length} targets`);
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-fuzz-'));
  for (const { name } of wanted) {
    const file = join(folder, `${name.replaceAll(/[^\w-]+/g, '-')}.txt`);
    const outcome = (await inProcess(name, milliseconds)) ?? (await hung(name, milliseconds, file));
    const { inputs, failure } = outcome;
    console.log(`${failure === undefined ? '✓' : '✗'} ${name}: ${inputs} inputs`);
    if (failure === undefined) continue;
    process.exitCode = 1;
    writeFileSync(file, failure.input);
    console.log(`  ${failure.reason.replaceAll('\n', '\n  ')}\n  input: ${file}`);
    console.log(`  again: npm run fuzz -- --target ${JSON.stringify(name)} --seed ${seed}`);
  }
}

/** Undefined where it hangs, or dies. */
async function inProcess(name: string, milliseconds: number, record?: string): Promise<Outcome | undefined> {
  const command = [process.execPath, import.meta.path, '--alone', '--target', name, '--seed', String(seed)];
  const child = Bun.spawn(
    [
      ...command,
      '--milliseconds',
      String(milliseconds),
      ...(record === undefined ? [] : ['--record', record]),
    ],
    { stdout: 'pipe', stderr: 'inherit' },
  );
  let heard = performance.now();
  const watch = setInterval(() => {
    if (performance.now() - heard > longestSilence) child.kill('SIGKILL');
  }, 1000);
  let said = '';
  for await (const bytes of child.stdout) {
    heard = performance.now();
    said += new TextDecoder().decode(bytes);
  }
  clearInterval(watch);
  const last = said.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith('{') ? JSON.parse(last) : undefined;
}

/** Once more, with each input written down before it is checked: the last one is it. */
async function hung(name: string, milliseconds: number, file: string): Promise<Outcome> {
  const again = await inProcess(name, milliseconds, file);
  if (again !== undefined) return again;
  return {
    inputs: 0,
    failure: { input: readFileSync(file, 'utf8'), reason: 'it hangs, or ends the process' },
  };
}
