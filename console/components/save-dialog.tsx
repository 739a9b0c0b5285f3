import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ConfigNote } from '../../src/console/settings/wire.ts';
import { words } from '../language.ts';
import { conflict, discard, lookAt, readSettings, review, saveReviewed } from '../settings-draft.ts';
import { attempt, notify } from './notice.ts';
import { TextDiff } from './text-diff.tsx';

/** What is about to be saved, as a difference of the file, before it is. */
export function SaveDialog({ saved }: { saved?: () => void }) {
  const w = words.value.settings;
  const dialog = useRef<HTMLDialogElement>(null);
  const looked = review.value;
  useLayoutEffect(() => {
    if (looked !== undefined) dialog.current?.showModal();
    else dialog.current?.close();
  }, [looked !== undefined]);
  const close = (): void => {
    review.value = undefined;
    conflict.value = '';
  };
  const theirs = (): Promise<void> =>
    attempt(async () => {
      discard();
      await readSettings();
    });
  return (
    <dialog class="sheet" ref={dialog} aria-labelledby="save-title" onClose={close}>
      <h2 id="save-title">{w.review}</h2>
      {looked !== undefined && (
        <>
          <TextDiff before={looked.proposed.before} after={looked.proposed.after} />
          <Notes notes={looked.proposed.problems} tone="problem" />
          <Notes notes={looked.proposed.warnings} tone="warn" />
          {looked.proposed.atStart.length > 0 && (
            <p class="warn">{w.atStart(looked.proposed.atStart.join(', '))}</p>
          )}
          {conflict.value !== '' && (
            <div role="alert" class="card">
              <p class="problem">{conflict.value}</p>
              <p>{w.conflict}</p>
              <div class="tools">
                <button type="button" onClick={() => void attempt(() => lookAt(looked.proposal))}>
                  {w.keepMine}
                </button>
                <button type="button" onClick={() => void theirs()}>
                  {w.takeTheirs}
                </button>
              </div>
            </div>
          )}
          <div class="tools">
            <button
              type="submit"
              disabled={
                looked.proposed.problems.length > 0 ||
                conflict.value !== '' ||
                looked.proposed.before === looked.proposed.after
              }
              onClick={() =>
                void attempt(async () => {
                  if (!(await saveReviewed())) return;
                  notify(w.saved);
                  saved?.();
                })
              }
            >
              {w.save}
            </button>
            <button type="button" onClick={close}>
              {words.value.close}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}

/** A problem or warning, with its line of the text. */
export function Notes({
  notes,
  tone,
  goTo,
}: {
  notes: readonly ConfigNote[];
  tone: 'problem' | 'warn';
  goTo?: (line: number) => void;
}) {
  const w = words.value.settings;
  if (notes.length === 0) return null;
  return (
    <ul class={`notes ${tone}`}>
      {notes.map(({ line, key, message, hint }) => (
        <li key={`${line} ${key} ${message}`}>
          {goTo === undefined || line === 0 ? (
            <strong>{line === 0 ? '' : w.line(line)}</strong>
          ) : (
            <button type="button" class="quiet" onClick={() => goTo(line)}>
              {w.line(line)}
            </button>
          )}{' '}
          {key !== '' && <code>{key}</code>} {message}
          {hint !== null && <small> {hint}</small>}
        </li>
      ))}
    </ul>
  );
}
