import { useState } from 'preact/hooks';
import { download } from '../download.ts';
import { words } from '../language.ts';
import { KeyOwner } from './key-owner.tsx';
import { attempt } from './notice.ts';

/** Asks for the management key, and saves the account file: a session alone never gives a secret. */
export function AccountDownload({ file, close }: { file: string; close(): void }) {
  const w = words.value.account;
  const [key, setKey] = useState('');
  const name = `${file}.json`;
  const save = (): Promise<void> =>
    attempt(async () => {
      await download('account-file', name, { name, key });
      close();
    });
  return (
    <form
      class="card fields"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <KeyOwner />
      <label class="field">
        {w.downloadAbout}
        <input
          type="password"
          required
          autocomplete="off"
          aria-label={w.downloadKey}
          placeholder={w.downloadKey}
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <div class="tools">
        <button type="submit">{w.download}</button>
        <button type="button" onClick={close}>
          {words.value.close}
        </button>
      </div>
    </form>
  );
}
