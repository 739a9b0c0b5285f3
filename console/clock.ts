/** The time, once a second while somebody looks: for countdowns. */
import { signal } from '@preact/signals';

/** Ms since the epoch. */
export const now = signal(Date.now());

setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1000);
