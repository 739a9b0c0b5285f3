/** What is answered about account files: what has become of several, and why one could not be read, written or renewed. */
import type { AccountProblem } from '../accounts/account-problem.ts';
import type { Refreshed } from '../accounts/refresh.ts';
import { done, json, type Reply, refuse } from './reply.ts';

export const notFound = () => refuse(404, 'auth file not found', { code: 'not_found' });
export const unavailable = () =>
  refuse(503, 'the auth-dir cannot be used: see the log', { code: 'auth_dir_unavailable' });

/** What has become of files that were sent or named together; `status` where one alone was meant, and failed. */
export function severalReply(
  verb: 'uploaded' | 'deleted',
  files: readonly string[],
  failed: readonly { name: string; error: string }[],
  status: number,
): Reply {
  const [first] = failed;
  const changedText = files.length === 0 ? undefined : `account files ${verb}: ${files.join(', ')}`;
  if (first !== undefined && files.length + failed.length === 1)
    return refuse(status, first.error, { code: status === 404 ? 'not_found' : 'invalid_file' });
  if (failed.length === 0)
    return done(changedText, files.length === 1 ? {} : { [verb]: files.length, files });
  return json(
    { status: 'partial', [verb]: files.length, files, failed },
    { status: 207, changed: changedText },
  );
}

/** The status of an answer that names the problem. */
export function statusOf({ reason }: AccountProblem): number {
  switch (reason) {
    case 'gone':
      return 404;
    case 'busy':
    case 'duplicate':
      return 409;
    case 'invalid':
      return 400;
    case 'away':
      return 503;
    case 'unreadable':
    case 'encrypted':
    case 'unwritable':
      return 500;
  }
}

/** `gone`: the sentence where there is no such file. */
export function problemReply(problem: AccountProblem, gone: string): Reply {
  return problem.reason === 'gone'
    ? refuse(404, gone, { code: 'not_found' })
    : refuse(statusOf(problem), problem.message, { code: problem.reason });
}

/** A row of the answer on renewed tokens. */
export function refreshResult(result: Refreshed | undefined): Record<string, unknown> {
  if (result === undefined) return { result: 'failed', error: 'the account is gone' };
  if (result.kind !== 'refreshed') return { result: result.kind, error: result.message };
  const { expiresAt } = result.account.tokens;
  return {
    result: 'refreshed',
    ...(expiresAt !== undefined && { expires: new Date(expiresAt).toISOString() }),
  };
}
