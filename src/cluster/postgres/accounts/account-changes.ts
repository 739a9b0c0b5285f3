/** Notices that accounts in Postgres have come, changed or gone: by notifications, and by a look now and then. */
import { basename } from 'node:path';
import type { AccountStore } from '../../../accounts/account-store.ts';
import type { AccountWatch, AccountWatchOptions } from '../../../accounts/account-watch.ts';
import { systemClock } from '../../../ground/clock.ts';
import { versions } from './account-table.ts';
import { digestOfRow, pathOf, type RowsDeps, rowProblem } from './row-content.ts';

/** What was last seen of an account. */
interface Seen {
  digest: string | undefined;
  /** Of the last good state. */
  id: string | undefined;
  problem: string | undefined;
}

/** Milliseconds between two looks at all accounts: notifications may be lost. */
const rescanInterval = 30_000;

type WatchedStore = Pick<AccountStore, 'read' | 'putBackRenewed' | 'writtenDigest' | 'writePending'>;

export function watchRows(
  store: WatchedStore,
  deps: RowsDeps,
  { onChange, onProblem, rescanMs = rescanInterval, clock = systemClock }: AccountWatchOptions,
): AccountWatch {
  const { postgres } = deps;
  const seen = new Map<string, Seen>();
  const looks = new Map<string, Promise<void>>();
  let closed = false;

  /** One look at an account at a time. */
  function look(name: string): Promise<void> {
    const turn = (looks.get(name) ?? Promise.resolve()).then(() => lookOnce(name));
    looks.set(name, turn);
    return turn.finally(() => {
      if (looks.get(name) === turn) looks.delete(name);
    });
  }

  async function lookOnce(name: string): Promise<void> {
    const file = pathOf(deps, name);
    const result = await store.read(file);
    if (closed) return;
    const before = seen.get(name);
    if (result.ok) {
      if (before?.digest === result.digest && before.problem === undefined) return;
      const known = before?.id !== undefined;
      seen.set(name, { digest: result.digest, id: result.account.id, problem: undefined });
      // Who refreshes has the account already.
      if (known && before.problem === undefined && store.writtenDigest(file) === result.digest) return;
      onChange({ type: known ? 'changed' : 'added', account: result.account });
      const problem = known ? await store.putBackRenewed(result.account) : undefined;
      if (problem && !closed) onProblem(problem);
      return;
    }
    const { reason, message } = result.problem;
    if (reason === 'away') return;
    if (reason === 'gone') {
      seen.delete(name);
      deps.known.delete(name);
      if (before?.id !== undefined) onChange({ type: 'removed', id: before.id, file });
      return;
    }
    if (before?.problem === message && before.digest === result.digest) return;
    seen.set(name, { digest: result.digest, id: before?.id, problem: message });
    onProblem(result.problem);
  }

  let scanning: Promise<void> | undefined;
  /** All that differ from what was seen. One at a time; what asks meanwhile gets one more. */
  function rescan(): Promise<void> {
    const turn = (scanning ?? Promise.resolve()).then(scan);
    scanning = turn;
    return turn;
  }

  async function scan(): Promise<void> {
    if (closed) return;
    let rows: Awaited<ReturnType<typeof versions>>;
    try {
      rows = await versions(postgres);
    } catch (error) {
      reportAway(rowProblem(deps.directory, error));
      return;
    }
    seen.delete('');
    const there = new Set(rows.map(({ file_name }) => file_name));
    const changed = rows.filter((row) => seen.get(row.file_name)?.digest !== digestOfRow(row));
    const gone = [...seen.keys()].filter((name) => !there.has(name));
    await Promise.all([...changed.map(({ file_name }) => file_name), ...gone].map(look));
  }

  function reportAway(problem: ReturnType<typeof rowProblem>): void {
    if (closed || seen.has('') || seen.size > 0) return;
    // Without any account: a start needs the reason.
    seen.set('', { digest: undefined, id: undefined, problem: problem.message });
    onProblem(problem);
  }

  const ready = rescan();
  const endings = [
    postgres.listen(
      'cpa_account',
      (name) => void look(name),
      () => void rescan(),
    ),
    clock.every(rescanMs, () => void rescan()),
    postgres.onState(({ kind }) => {
      if (kind !== 'up') return;
      // First what only this replica knows: another would spend the old token.
      void store.writePending().then(rescan);
    }),
  ];
  return {
    ready,
    async check() {
      await ready;
      await rescan();
    },
    look: (file) => look(basename(file)),
    async close() {
      closed = true;
      for (const end of endings) end();
      await scanning;
      await Promise.all(looks.values());
    },
  };
}
