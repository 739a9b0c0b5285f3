/** What can be done to a credential, wherever it is shown. */
import type { AccountRow } from '../src/console/wire.ts';
import { ask, managed } from './api.ts';
import { attempt } from './components/notice.ts';
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

/** Changes what its owner says of it. */
export const changeAccount = ({ index, file }: Meant, changes: Record<string, unknown>): Promise<void> =>
  attempt(
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
