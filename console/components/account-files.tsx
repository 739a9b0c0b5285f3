/** Account files and keys of service accounts: dropped or chosen, identified, saved. Their contents are never shown. */
import { useState } from 'preact/hooks';
import { ask, managed, reasonOf } from '../api.ts';
import { words } from '../language.ts';
import { accounts } from '../live.ts';
import { State } from './state.tsx';

interface Found {
  file: File;
  /** Undefined where it is no JSON object. */
  type: string | undefined;
  owner: string | undefined;
  serviceAccount: boolean;
}

type Outcome = { ok: true } | { ok: false; problem: string };

export function AccountFiles() {
  const w = words.value.addAccount;
  const [found, setFound] = useState<Found[]>([]);
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [location, setLocation] = useState('');
  const [over, setOver] = useState(false);

  async function take(files: readonly File[]): Promise<void> {
    setOutcomes(new Map());
    setFound(await Promise.all(files.map(looked)));
  }

  async function save(): Promise<void> {
    const results = new Map<string, Outcome>();
    for (const one of found) results.set(one.file.name, await saved(one, location.trim()));
    setOutcomes(results);
  }

  const usable = found.filter(({ type }) => type !== undefined);
  return (
    <>
      <label
        class={over ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        {w.drop}{' '}
        <input
          type="file"
          multiple
          accept=".json,application/json"
          onChange={(event) => void take([...(event.currentTarget.files ?? [])])}
        />
      </label>
      <ul>
        {found.map((one) => (
          <FoundLine key={one.file.name} found={one} outcome={outcomes.get(one.file.name)} />
        ))}
      </ul>
      {usable.some(({ serviceAccount }) => serviceAccount) && (
        <div class="field">
          <label for="location">{w.location}</label>
          <input
            type="text"
            id="location"
            placeholder="us-central1"
            value={location}
            onInput={(event) => setLocation(event.currentTarget.value)}
          />
        </div>
      )}
      {usable.length > 0 && outcomes.size === 0 && (
        <button type="button" onClick={() => void save()}>
          {w.saveFiles(usable.length)}
        </button>
      )}
    </>
  );
}

function FoundLine({ found, outcome }: { found: Found; outcome: Outcome | undefined }) {
  const w = words.value.addAccount;
  const { file, type, owner } = found;
  const id = file.name.replace(/\.json$/i, '');
  const isThere = accounts.value?.some((row) => row.file === id) === true;
  const said = type === undefined ? [w.noAccountFile] : [type, owner, isThere ? w.replaces : w.isNew];
  return (
    <li class="card">
      <strong>{file.name}</strong> <small>{said.filter(Boolean).join(' · ')}</small>{' '}
      {outcome !== undefined && (
        <State tone={outcome.ok ? 'good' : 'bad'}>{outcome.ok ? w.saved : outcome.problem}</State>
      )}
    </li>
  );
}

async function looked(file: File): Promise<Found> {
  const none = { file, type: undefined, owner: undefined, serviceAccount: false };
  try {
    const content: unknown = JSON.parse(await file.text());
    if (typeof content !== 'object' || content === null || Array.isArray(content)) return none;
    const text = (name: string): string | undefined => {
      const value: unknown = Object.entries(content).find(([own]) => own === name)?.[1];
      return typeof value === 'string' && value !== '' ? value : undefined;
    };
    const type = text('type');
    return {
      file,
      type: type ?? '?',
      owner: text('email') ?? text('client_email'),
      serviceAccount: type === 'service_account',
    };
  } catch {
    return none;
  }
}

async function saved({ file, serviceAccount, type }: Found, location: string): Promise<Outcome> {
  if (type === undefined) return { ok: false, problem: words.value.addAccount.noAccountFile };
  const form = new FormData();
  form.append('file', file);
  if (serviceAccount && location !== '') form.append('location', location);
  try {
    await ask(managed(serviceAccount ? 'vertex/import' : 'auth-files'), { method: 'POST', body: form });
    return { ok: true };
  } catch (error) {
    return { ok: false, problem: reasonOf(error) };
  }
}
