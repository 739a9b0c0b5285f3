/** One line about what has just been done, or could not be; it goes by itself, or when it is closed. */

import { signal } from '@preact/signals';
import { reasonOf } from '../api.ts';

export const notice = signal<{ text: string; bad: boolean } | undefined>(undefined);

/** Milliseconds for which it is shown: what went wrong takes longer to read than that it went well. */
const shownFor = { good: 6000, bad: 20_000 };

let timer: ReturnType<typeof setTimeout> | undefined;

export function closeNotice(): void {
  clearTimeout(timer);
  notice.value = undefined;
}

/** Shows it for some seconds. */
export function notify(text: string, bad = false): void {
  clearTimeout(timer);
  notice.value = { text, bad };
  timer = setTimeout(closeNotice, bad ? shownFor.bad : shownFor.good);
}

/** Does something and shows what went wrong, where it did. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<void> {
  await succeeds(work, done);
}

/** The same; whether it went well. */
export async function succeeds(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
    if (done !== undefined) notify(done);
    return true;
  } catch (error) {
    notify(reasonOf(error), true);
    return false;
  }
}
