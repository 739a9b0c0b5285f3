/** The program as a user starts it: a process of its own, in a directory of its own. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What is tested: the checkout's command, or the built executable that CLI_PROXY_API_BIN names. */
export const program = resolve(
  process.env.CLI_PROXY_API_BIN ?? join(import.meta.dir, '../../bin/cli-proxy-api'),
);

/** An empty directory, gone at the end of the scope. */
export function emptyDirectory(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'cli-proxy-api-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Saves as careful editors do: the file is whole at every moment. */
export function save(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

interface Options {
  /** The working directory; also HOME, so that nothing of this computer's user is read. */
  cwd: string;
  env?: Record<string, string>;
  /** What to run instead of {@link program}, as a link to it. */
  command?: string;
  /** What is piped into it; nothing if absent. */
  input?: string;
}

function spawn(args: string[], { cwd, env, command = program, input }: Options) {
  return Bun.spawn([command, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, NO_COLOR: '1', ...env },
    stdin: input === undefined ? 'ignore' : new TextEncoder().encode(input),
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

/** Runs the program to its end. */
export async function run(args: string[], options: Options) {
  const child = spawn(args, options);
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}

/** A program that runs while the test goes on; killed at the end of the scope if it still runs. */
export interface Running extends AsyncDisposable {
  pid: number;
  /** All that it wrote so far. */
  output(): string;
  /** What it wrote to standard output so far: its answer. */
  answer(): string;
  /** Resolves as soon as the output matches, with the match; rejects when the program ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Types a line into it, as a person would. */
  type(line: string): void;
  /** Sends the signal; gives the exit code once the program has ended. */
  end(signal: NodeJS.Signals): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code, once everything that it wrote is in `output`. */
  exited: Promise<number>;
}

/** Starts the program; what a test types goes to its standard input. */
export function started(args: string[], { cwd, env, command = program }: Options): Running {
  const child = Bun.spawn([command, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, NO_COLOR: '1', ...env },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let output = '';
  let answer = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const lookAll = () => {
    for (const look of waiting) look();
  };
  const collect = async (stream: ReadableStream<Uint8Array>, add: (text: string) => void) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      output += text;
      add(text);
      lookAll();
    }
  };
  const written = Promise.all([
    collect(child.stdout, (text) => {
      answer += text;
    }),
    collect(child.stderr, () => {}),
  ]).then(() => {
    ended = true;
    lookAll();
  });
  const exited = Promise.all([child.exited, written]).then(([code]) => code);
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output);
        if (match === null && !ended) return;
        waiting.delete(look);
        if (match !== null) resolve(match);
        else reject(new Error(`the program ended without saying ${pattern}:\n${output}`));
      };
      waiting.add(look);
      look();
    });
  return {
    pid: child.pid,
    output: () => output,
    answer: () => answer,
    says,
    type: (line) => {
      child.stdin.write(`${line}\n`);
      child.stdin.flush();
    },
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
    kill: (signal) => child.kill(signal),
    exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}

/** A program that serves. */
export interface Serving extends Running {
  url: string;
}

/** Starts the program and waits until it names the address it serves at. */
export async function serving(args: string[], options: Options): Promise<Serving> {
  const child = started(args, options);
  const [url] = await child.says(/https?:\/\/[\w.[\]:]+:\d+/);
  return { ...child, url };
}
