import type { Ending } from './exit-codes.ts';

/**
 * A command that cannot go on, in words for the person at the terminal: `message` says what is wrong, `hint` what to do
 * next, `ending` names the exit code. Shown without a stack trace.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly ending: Ending,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
