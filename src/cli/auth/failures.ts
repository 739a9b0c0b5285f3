/** How a login or a refresh that failed ends: the exit code, and what the person can do next. */
import type { OAuthFailure, OAuthFailureKind } from '../../oauth/grant.ts';
import type { Ending } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

const endings: Record<OAuthFailureKind, Ending> = {
  denied: 'denied',
  'timed-out': 'timed-out',
  'state-mismatch': 'state-mismatch',
  'port-taken': 'callback-port',
  cancelled: 'interrupted',
  'sign-in-again': 'sign-in-again',
  'rate-limited': 'unavailable',
  unavailable: 'unavailable',
  refused: 'failure',
};

const hints: Partial<Record<OAuthFailureKind, string>> = {
  denied: 'Nothing was saved. Run the command again to try once more.',
  'timed-out': 'Nothing was saved. Run the command again; --timeout 15m waits longer.',
  'state-mismatch':
    'Nothing was saved. Run the command again, and use only the address that it prints then: an older tab belongs to an older login.',
  'port-taken':
    'Close that program, perhaps another login. Or listen elsewhere with --callback-port N, and paste the address that the browser ends at.',
  cancelled: 'Nothing was saved.',
  'rate-limited': 'Nothing was saved. Try again later.',
  unavailable: 'Nothing was saved. Check the network; behind a proxy, name it with --proxy-url.',
  refused: 'Nothing was saved.',
};

/** A failed login as a reason to end. `command` is what signs in anew. */
export function signInFailure({ kind, message }: OAuthFailure, command: string): Failure {
  const hint = kind === 'sign-in-again' ? `Sign in again: ${command}` : hints[kind];
  return new Failure(endings[kind], message, hint);
}

/** A command that also answers in JSON: the object it gives, or the failure as one. */
export async function inJson(
  json: boolean,
  write: (text: string) => void,
  action: () => Promise<{ ending: Ending; object: object }>,
): Promise<Ending> {
  try {
    const { ending, object } = await action();
    if (json) write(`${JSON.stringify(object)}\n`);
    return ending;
  } catch (error) {
    // Arguments that are wrong are the script's own mistake: it reads them on stderr.
    if (json && error instanceof Failure && error.ending !== 'usage') {
      const { ending, message, hint } = error;
      write(`${JSON.stringify({ ok: false, error: { kind: ending, message, hint } })}\n`);
    }
    throw error;
  }
}
