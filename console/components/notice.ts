/** One line about what has just been done, or could not be; it goes by itself. */

import { signal } from '@preact/signals';
import { reasonOf } from '../api.ts';

export const notice = signal<{ text: string; bad: boolean } | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Says it. */
export function say(text: string, bad = false): void {
  clearTimeout(timer);
  notice.value = { text, bad };
  timer = setTimeout(() => {
    notice.value = undefined;
  }, 6000);
}

/** Does something and says what went wrong, where it did. */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<void> {
  try {
    await work();
    if (done !== undefined) say(done);
  } catch (error) {
    say(reasonOf(error), true);
  }
}
