/** Asking the gateway that runs with the same `auth-dir`. */
import { controlSocketPath } from '../accounts/control-path.ts';
import type { ManagementAnswer } from '../management/own-answers.ts';
import { Failure } from './failure.ts';

/** Milliseconds for an answer: usage of years is summed up in less. */
const usualPatience = 30_000;

type Asked = Parameters<typeof responseOf>;

/** Undefined when no gateway runs there. Throws a {@link Failure} with the gateway's sentence when it refuses. */
export async function askRunning(...asked: Asked): Promise<ManagementAnswer | undefined> {
  const answer = await answerOf(...asked);
  if (answer !== undefined && 'error' in answer) throw new Failure('failure', answer.error);
  return answer;
}

/** Its answer, also a refusal; undefined when no gateway runs there. */
export async function answerOf(...asked: Asked): Promise<ManagementAnswer | undefined> {
  const response = await responseOf(...asked);
  if (response === undefined) return undefined;
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // The server's own refusals have no body: of what is longer than a request's first line may be.
    throw new Failure(
      'failure',
      `The running gateway answered with status ${response.status} and nothing that can be read.`,
      'shorter arguments',
    );
  }
}

/** Its answer as it comes; undefined when no gateway runs there. Throws a {@link Failure} when it does not answer in time. */
export async function responseOf(
  directory: string,
  path: string,
  method: 'GET' | 'DELETE' | 'POST' = 'GET',
  patience = usualPatience,
): Promise<Response | undefined> {
  const unix = controlSocketPath(directory);
  if (unix === undefined) return undefined;
  try {
    const signal = AbortSignal.timeout(patience);
    return await fetch(`http://gateway/v0/management/${path}`, { unix, method, signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError')
      throw new Failure(
        'unavailable',
        `the gateway that runs with the auth-dir ${directory} has not responded for ${patience / 1000} s`,
        'It hangs, or was stopped with SIGSTOP: end its process, and start it again.',
      );
    // No socket, or one that a gateway left behind.
    return undefined;
  }
}

/** A name as one segment of a path. Throws a {@link Failure} for the two that an address would leave out. */
export function segmentOf(name: string, what: string): string {
  if (name === '.' || name === '..') throw new Failure('failure', `there is no ${what} "${name}"`);
  return encodeURIComponent(name);
}

/** `hint`: what can be done without it. */
export function notRunning(directory: string, hint: string): Failure {
  return new Failure(
    'unavailable',
    `no gateway runs with the auth-dir ${directory}`,
    `${hint} Name its config with --config FILE.`,
  );
}
