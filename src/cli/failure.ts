import { withShortLines } from '../ground/shortened.ts';
import type { Ending } from './exit-codes.ts';

/**
 * A command that cannot go on, in words for the person at the terminal: `message` has the reason, `hint` what to do
 * next, `ending` names the exit code. Shown without a stack trace. What they repeat of an argument or a file is bounded.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly hint?: string;
  constructor(
    readonly ending: Ending,
    message: string,
    hint?: string,
  ) {
    super(withShortLines(message));
    if (hint !== undefined) this.hint = withShortLines(hint);
  }
}
