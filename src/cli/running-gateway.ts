/** Asking the gateway that runs with the same `auth-dir`. */
import { controlSocketPath } from '../accounts/control-path.ts';
import type { ManagementAnswer } from '../server/management.ts';
import { Failure } from './failure.ts';

/** Undefined when no gateway runs there. Throws a {@link Failure} with the gateway's sentence when it says no. */
export async function askRunning(
  directory: string,
  path: string,
  method: 'GET' | 'DELETE' = 'GET',
): Promise<ManagementAnswer | undefined> {
  const unix = controlSocketPath(directory);
  if (unix === undefined) return undefined;
  let text: string;
  try {
    const response = await fetch(`http://gateway/v0/management/${path}`, { unix, method });
    text = await response.text();
  } catch {
    // No socket, or one that a gateway left behind.
    return undefined;
  }
  const answer: ManagementAnswer = JSON.parse(text);
  if ('error' in answer) throw new Failure('failure', answer.error.message);
  return answer;
}

export function notRunning(directory: string): Failure {
  return new Failure(
    'unavailable',
    `no gateway runs with the auth-dir ${directory}`,
    'Requests are remembered by the gateway that served them, until it stops. Name its config with --config FILE.',
  );
}
