import type { Output } from '../../src/cli/shell.ts';

/** An output of the program that keeps what is written to it, without colours. */
export function collectedOutput(terminal = false): Output & { text(): string } {
  let text = '';
  return {
    write: (more) => {
      text += more;
    },
    terminal,
    style: (_, words) => words,
    text: () => text,
  };
}
