/** Deleting with a way back: what is deleted is hidden at once, and gone some seconds later, unless it was undone. */
import { signal } from '@preact/signals';
import { attempt } from './components/notice.ts';

interface Pending {
  /** What is shown meanwhile. */
  text: string;
  /** Ids that are hidden. */
  ids: readonly string[];
  run(): Promise<unknown>;
  done: string;
}

/** Milliseconds in which it can be taken back. */
const undoTime = 8000;

export const pending = signal<Pending | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Hides `ids`, and runs in a while. What waits already is done at once. */
export function later(next: Pending): void {
  finish();
  pending.value = next;
  timer = setTimeout(finish, undoTime);
}

export function takeBack(): void {
  clearTimeout(timer);
  pending.value = undefined;
}

/** Whether this is about to be deleted. */
export function isLeaving(id: string): boolean {
  return pending.value?.ids.includes(id) === true;
}

/** Performs the pending deletion, also when the page is left. */
function finish(): void {
  clearTimeout(timer);
  const waiting = pending.value;
  if (waiting === undefined) return;
  // Hidden until the server has reported the present state.
  void attempt(waiting.run, waiting.done).then(() => {
    if (pending.value === waiting) pending.value = undefined;
  });
}

addEventListener('pagehide', finish);
