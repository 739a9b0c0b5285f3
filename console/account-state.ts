/** How the state of an account is shown: a tone, a word, a sentence. */
import type { AccountRow } from '../src/console/wire.ts';
import type { Tone } from './components/state.tsx';
import { dayAndTime, fromNow } from './format.ts';
import { words } from './language.ts';

const tones: Record<AccountRow['state'], Tone> = {
  ready: 'good',
  partly: 'warn',
  cooldown: 'warn',
  'sign-in': 'bad',
  disabled: 'off',
};

export function toneOf({ state }: Pick<AccountRow, 'state'>): Tone {
  return tones[state];
}

export const states = ['ready', 'partly', 'cooldown', 'sign-in', 'disabled'] as const;

/** The state with its reason, as a sentence. `now` is in ms since the epoch. */
export function stateSentence(row: AccountRow, models: { all: number; ready: number }, now: number): string {
  const w = words.value.account;
  switch (row.state) {
    case 'ready':
    case 'partly':
      return w.serves(models.ready, models.all, row.inFlight);
    case 'cooldown':
      return w.coolsDown(
        row.until === null ? '' : `${dayAndTime(row.until)}, ${fromNow(row.until, now)}`,
        row.reason ?? '',
      );
    case 'sign-in':
      return w.needsSignIn(row.reason ?? '');
    case 'disabled':
      return w.isOff;
  }
}
