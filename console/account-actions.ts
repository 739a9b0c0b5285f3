/** What can be done to a credential, wherever it is shown. */
import type { AccountRow } from '../src/console/wire.ts';
import type { TestedRequest } from '../src/management/own-answers.ts';
import { ask, managed } from './api.ts';
import { attempt, notify, succeeds } from './components/notice.ts';
import { milliseconds } from './format.ts';
import { words } from './language.ts';
import { later } from './undo.ts';

/** What the management calls it by; `row` has it, and so has its page. */
type Meant = Pick<AccountRow, 'id' | 'file' | 'index' | 'label'>;

export const endCooldown = ({ id }: Pick<AccountRow, 'id'>, model?: string): Promise<void> =>
  attempt(
    () =>
      ask(
        managed(`cooldowns/${encodeURIComponent(id)}${model ? `?model=${encodeURIComponent(model)}` : ''}`),
        { method: 'DELETE' },
      ),
    words.value.accounts.ended,
  );

export const switchAccount = ({ index }: Pick<AccountRow, 'index'>, disabled: boolean): Promise<void> =>
  attempt(
    () => ask(managed('auth-files/status'), { method: 'PATCH', body: { auth_index: index, disabled } }),
    disabled ? words.value.account.nowOff : words.value.account.nowOn,
  );

export const refreshAccount = ({ index }: Pick<AccountRow, 'index'>): Promise<void> =>
  attempt(
    () => ask(managed('auth-files/refresh'), { method: 'POST', body: { auth_index: index } }),
    words.value.account.refreshed,
  );

/** What one small request to it has come to: it costs a few tokens. */
export async function tryCredential(id: string): Promise<TestedRequest | undefined> {
  const { tests } = await ask<{ tests: TestedRequest[] }>(
    managed(`test-request?name=${encodeURIComponent(id)}`),
    { method: 'POST' },
  );
  return tests[0];
}

/** In one sentence. */
export function trialText(
  name: string,
  { ok, milliseconds: time, model, status, answer }: TestedRequest,
): string {
  const w = words.value.accounts;
  return ok
    ? w.answers(name, milliseconds(time), model)
    : w.answersNot(name, `${status} ${errorIn(answer)}`.trim());
}

export const tryAccount = ({ id, label }: Pick<AccountRow, 'id' | 'label'>): Promise<void> =>
  attempt(async () => {
    notify(words.value.accounts.trying);
    const test = await tryCredential(id);
    if (test !== undefined) notify(trialText(label, test), !test.ok);
  });

/** The sentence of an answer that is an error. */
function errorIn(answer: string): string {
  try {
    const { error }: { error?: { message?: unknown } } = JSON.parse(answer);
    if (typeof error?.message === 'string') return error.message;
  } catch {
    // Only its beginning has come, or it is no JSON.
  }
  return answer.slice(0, 300);
}

/** Changes the owner's settings of it; whether the gateway has accepted them. */
export const changeAccount = ({ index, file }: Meant, changes: Record<string, unknown>): Promise<boolean> =>
  succeeds(
    () =>
      file === null
        ? ask(managed(`provider-keys/${index}`), { method: 'PATCH', body: changes })
        : ask(managed('auth-files/fields'), { method: 'PATCH', body: { auth_index: index, ...changes } }),
    words.value.keys.saved,
  );

/** Deletes them in a while: until then it can be taken back. */
export function deleteAccounts(rows: readonly Meant[]): void {
  const w = words.value.account;
  const files = [...new Set(rows.flatMap(({ file }) => (file === null ? [] : [`${file}.json`])))];
  later({
    text: w.deleting(rows.map(({ label }) => label).join(', '), rows.length),
    done: w.deleted,
    ids: rows.map(({ id }) => id),
    async run() {
      if (files.length > 0) await ask(managed('auth-files'), { method: 'DELETE', body: { names: files } });
      for (const { file, index } of rows)
        if (file === null) await ask(managed(`provider-keys/${index}`), { method: 'DELETE' });
    },
  });
}
