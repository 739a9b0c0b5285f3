/** The program as a user starts it: a process of its own, in a directory of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
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

/** A program that serves; killed at the end of the scope if it still runs. */
export interface Serving extends AsyncDisposable {
  url: string;
  /** All that it wrote so far. */
  output(): string;
  /** Resolves as soon as the output matches; rejects when the program ends before. */
  says(pattern: RegExp): Promise<void>;
  /** Sends the signal; gives the exit code once the program has ended. */
  end(signal: NodeJS.Signals): Promise<number>;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<number>;
}

/** Starts the program and waits until it names the address it serves at. */
export async function serving(args: string[], options: Options): Promise<Serving> {
  const child = spawn(args, options);
  let output = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      for (const look of waiting) look();
    }
  };
  void Promise.all([collect(child.stdout), collect(child.stderr)]).then(() => {
    ended = true;
    for (const look of waiting) look();
  });
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(output) && !ended) return;
        waiting.delete(look);
        if (pattern.test(output)) resolve();
        else reject(new Error(`the program ended without saying ${pattern}:\n${output}`));
      };
      waiting.add(look);
      look();
    });
  const address = /https?:\/\/[\w.[\]:]+:\d+/;
  await says(address);
  return {
    url: address.exec(output)?.[0] ?? '',
    output: () => output,
    says,
    end: (signal) => {
      child.kill(signal);
      return child.exited;
    },
    kill: (signal) => child.kill(signal),
    exited: child.exited,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}
