import { words } from '../language.ts';
import { pending, takeBack } from '../undo.ts';

/** What is about to be deleted, and the button that keeps it. */
export function UndoBar() {
  const waiting = pending.value;
  if (waiting === undefined) return null;
  return (
    <div class="notice" role="status">
      <span>{waiting.text}</span>{' '}
      <button type="button" onClick={takeBack}>
        {words.value.undo}
      </button>
    </div>
  );
}
