import { useState } from 'preact/hooks';
import type { ListedVersion } from '../../src/config-file/versions.ts';
import type { ComparedVersion } from '../../src/console/settings/wire.ts';
import { ask, managed } from '../api.ts';
import { dateAndTime, fromNow } from '../format.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { readSettings, settings } from '../settings-draft.ts';
import { attempt } from './notice.ts';
import { State } from './state.tsx';
import { TextDiff } from './text-diff.tsx';

/** The texts that the file has had: who wrote them, when and what; each can be compared and put back. */
export function ConfigHistory() {
  const w = words.value.settings;
  const { answer, problem, again } = useLoaded<{ versions: ListedVersion[] }>(managed('config-versions'));
  const [open, setOpen] = useState<{ id: string; compared: ComparedVersion }>();
  const show = (id: string): Promise<void> =>
    attempt(async () => {
      if (open?.id === id) setOpen(undefined);
      else setOpen({ id, compared: await ask<ComparedVersion>(`settings/versions/${id}`) });
    });
  const restore = (id: string): Promise<void> =>
    attempt(async () => {
      const etag = settings.value?.etag;
      await ask(managed('config-versions/restore'), {
        method: 'POST',
        body: { id },
        ...(etag !== undefined && { etag }),
      });
      setOpen(undefined);
      await readSettings();
      again();
    }, w.restored);
  if (problem !== '') return <p class="problem">{problem}</p>;
  if (answer === undefined) return <p class="loading">{words.value.loading}</p>;
  if (answer.versions.length === 0) return <p class="empty">{w.noHistory}</p>;
  return (
    <ol>
      {answer.versions.map(({ id, time, who, what, current }) => (
        <li key={id} class="card" data-row tabIndex={0}>
          <p>
            <strong title={dateAndTime(time)}>{fromNow(time)}</strong> {who} · {what}{' '}
            {current && <State tone="good">{w.current}</State>}
          </p>
          {!current && (
            <div class="tools">
              <button type="button" aria-expanded={open?.id === id} onClick={() => void show(id)}>
                {w.compare}
              </button>
            </div>
          )}
          {open?.id === id && (
            <>
              <TextDiff before={open.compared.current} after={open.compared.text} />
              <button type="submit" onClick={() => void restore(id)}>
                {w.restore}
              </button>
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
