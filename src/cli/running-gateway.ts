/** Asking the gateway that runs with the same `auth-dir`. */
import { controlSocketPath } from '../accounts/control-path.ts';
import type { ManagementAnswer } from '../management/own-answers.ts';
import { Failure } from './failure.ts';

/** Undefined when no gateway runs there. Throws a {@link Failure} with the gateway's sentence when it says no. */
export async function askRunning(
  directory: string,
  path: string,
  method: 'GET' | 'DELETE' | 'POST' = 'GET',
): Promise<ManagementAnswer | undefined> {
  const answer = await answerOf(directory, path, method);
  if (answer !== undefined && 'error' in answer) throw new Failure('failure', answer.error);
  return answer;
}

/** What it says, be it no; undefined when no gateway runs there. */
export async function answerOf(
  directory: string,
  path: string,
  method: 'GET' | 'DELETE' | 'POST',
): Promise<ManagementAnswer | undefined> {
  const response = await responseOf(directory, path, method);
  return response && JSON.parse(await response.text());
}

/** Its answer as it comes; undefined when no gateway runs there. */
export async function responseOf(
  directory: string,
  path: string,
  method: 'GET' | 'DELETE' | 'POST',
): Promise<Response | undefined> {
  const unix = controlSocketPath(directory);
  if (unix === undefined) return undefined;
  try {
    return await fetch(`http://gateway/v0/management/${path}`, { unix, method });
  } catch {
    // No socket, or one that a gateway left behind.
    return undefined;
  }
}

/** `hint`: what can be done without it. */
export function notRunning(directory: string, hint: string): Failure {
  return new Failure(
    'unavailable',
    `no gateway runs with the auth-dir ${directory}`,
    `${hint} Name its config with --config FILE.`,
  );
}
