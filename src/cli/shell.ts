/** What a command sees of the world: an input, two outputs and the environment. */
import { isatty } from 'node:tty';
import { type InspectColor, styleText } from 'node:util';
import { printableOutput } from '../telemetry/printable.ts';
import { calledAs, withCalledName } from './called-as.ts';
import { type HiddenLine, hiddenLine } from './hidden-line.ts';
import { type Lines, linesOf } from './lines.ts';

/** One of the two outputs of a process. */
export interface Output {
  write(text: string): void;
  /**
   * The same for data, a piece at a time: resolves when it has left, with whether somebody still reads. Pieces that are only
   * written wait in memory for a slow reader.
   */
  sent(text: string): Promise<boolean>;
  /** True where a person reads it as it comes. */
  terminal: boolean;
  /** Characters in a line of the terminal; undefined where it is none. */
  columns?: number | undefined;
  /** The text in a colour or weight, where a person at a terminal sees it and NO_COLOR does not forbid it. */
  style(format: InspectColor, text: string): string;
}

/** What is piped into the process. */
export interface Input {
  /** True where nothing is piped in and a person would have to type it. */
  terminal: boolean;
  /** All of it, up to its end. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Starts to read it line by line, as it comes. A process reads its input once: this or {@link bytes}. */
  lines(): Lines;
  /** One line that is not shown while a person types it; the first one where something is piped in. */
  hidden(): Promise<HiddenLine>;
}

export interface Shell {
  in: Input;
  /** Answers: what a pipe or a script wants to read. */
  out: Output;
  /** Messages beside the result: problems, hints, progress. */
  err: Output;
  env: Record<string, string | undefined>;
}

/** The shell that this process was started from. */
export function processShell(): Shell {
  return { in: input(), out: output(process.stdout), err: output(process.stderr), env: process.env };
}

function input(): Input {
  return {
    // Looking at `process.stdin` would already start to read it.
    terminal: isatty(0),
    bytes: () => Bun.stdin.bytes(),
    lines: () => linesOf(process.stdin),
    async hidden() {
      if (process.stdin.isTTY) return hiddenLine(process.stdin);
      const text = await linesOf(process.stdin).next();
      return text === undefined ? { kind: 'end' } : { kind: 'line', text };
    },
  };
}

let name: string | undefined;
function typedName(): string {
  name ??= calledAs({ env: process.env, cwd: process.cwd(), which: Bun.which });
  return name;
}

/** A reader that has seen enough, as in `cli-proxy-api help | head -1`, and a terminal that was closed, are no failures. */
const readerGone: readonly (string | undefined)[] = ['EPIPE', 'EIO', 'ENXIO', 'ERR_STREAM_DESTROYED'];

let lost: Error | undefined;

/**
 * Waits until what was written has left: to a pipe that takes its own time. True where something of standard output is lost, as on
 * a full disk, and the problem has been reported.
 */
export async function endedOutput(): Promise<boolean> {
  await ended(process.stdout);
  if (lost !== undefined)
    process.stderr.write(`cli-proxy-api: the output cannot be written: ${lost.message}\n`);
  await ended(process.stderr);
  return lost !== undefined;
}

/** The runtime has an empty write over at once; of an output that has failed it ends none. */
async function ended(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const soon = (): void => void setImmediate(resolve);
    stream.once('close', soon).once('error', soon).end(soon);
  });
}

function output(stream: NodeJS.WriteStream): Output {
  // Thrown here it would end a gateway, whose log alone it is about.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (stream === process.stdout && !readerGone.includes(error.code)) lost ??= error;
  });
  return {
    terminal: stream.isTTY === true,
    columns: stream.isTTY === true ? stream.columns : undefined,
    write: (text) => {
      stream.write(withCalledName(printableOutput(text), typedName));
    },
    sent: (text) =>
      new Promise((resolve) => {
        stream.write(printableOutput(text), (error) => resolve(error === null || error === undefined));
      }),
    style: (format, text) => styleText(format, text, { stream }),
  };
}
