import type { Output } from '../../src/cli/shell.ts';

/** An output of the program that keeps what is written to it, without colours. */
export function collectedOutput(terminal = false): Output & { text(): string } {
  let text = '';
  return {
    write: (more) => {
      text += more;
    },
    async sent(more) {
      text += more;
      return true;
    },
    terminal,
    style: (_, words) => words,
    text: () => text,
  };
}
