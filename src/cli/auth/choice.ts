/** Questions to the person at the terminal. */
import type { Lines } from '../lines.ts';
import type { Output } from '../shell.ts';

/** Asks for one of the choices, by its number or its value, until it gets one; undefined when the input ends. */
export async function choose(
  question: string,
  choices: readonly { value: string; label: string }[],
  { lines, output, signal }: { lines: Lines; output: Output; signal: AbortSignal },
): Promise<string | undefined> {
  const rows = choices.map(({ label }, index) => `  ${index + 1}  ${label}`);
  output.write(`\n${question}\n${rows.join('\n')}\n`);
  for (;;) {
    output.write(choices.length === 1 ? '1 (Enter): ' : `1 to ${choices.length} (Enter for 1): `);
    const answer = await lines.next(signal);
    if (answer === undefined) return undefined;
    const chosen =
      choices[answer === '' ? 0 : Number(answer) - 1] ?? choices.find(({ value }) => value === answer);
    if (chosen !== undefined) return chosen.value;
    output.write(`"${answer}" is none of them. `);
  }
}

/** Asks a question whose answer is yes or no; anything but y or yes is no, as is the end of the input. */
export async function confirmed(question: string, lines: Lines, output: Output): Promise<boolean> {
  output.write(`${question} [y/N] `);
  const answer = await lines.next();
  return /^y(es)?$/i.test(answer ?? '');
}
