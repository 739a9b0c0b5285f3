/** What `Refused` becomes: the answer in the provider's shape, with the journal kept. */
import { jsonAnswer } from './delivery.ts';
import type { Deps } from './deps.ts';
import type { Dialect } from './dialect.ts';
import { type Failure, Refused } from './failure.ts';
import { note, type SeenRequest } from './journal.ts';

/** Runs `answer` and writes its status down; a `Refused` that it throws is answered as the dialect does. */
export async function refusing(
  dialect: Dialect,
  seen: SeenRequest,
  { journal, keep }: Deps,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    const response = await answer();
    seen.status = response.status;
    return response;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { failure } = error;
    if (!journal.requests.includes(seen)) note(seen, journal, keep);
    seen.status = failure.status;
    return refusal(dialect, failure);
  }
}

/** The failure in the dialect's shape. */
export function refusal(dialect: Dialect, failure: Failure): Response {
  return jsonAnswer(dialect.error(failure), failure.status, dialect.errorHeaders(failure));
}

export function notFound(method: string, url: URL): Refused {
  return new Refused({
    status: 404,
    kind: 'not-found',
    message: `The sandbox has no ${method} ${url.pathname}.`,
    code: 'unknown_url',
  });
}
