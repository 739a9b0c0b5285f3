/** How the state of an account is shown: a tone, a word, a sentence. */
import type { AccountRow } from '../src/console/wire.ts';
import type { Tone } from './components/state.tsx';
import { dayAndTime, fromNow } from './format.ts';
import { words } from './language.ts';

const tones: Record<AccountRow['state'], Tone> = {
  ready: 'good',
  cooldown: 'warn',
  'sign-in': 'bad',
  disabled: 'off',
};

/** One that is ready, but not with all of its models, is no good sight either. */
export function toneOf({ state, cooldowns }: AccountRow): Tone {
  return state === 'ready' && cooldowns.length > 0 ? 'warn' : tones[state];
}

export const states = ['ready', 'cooldown', 'sign-in', 'disabled'] as const;

/** The state with its reason, as a sentence. `now` is in ms since the epoch. */
export function stateSentence(row: AccountRow, models: { all: number; ready: number }, now: number): string {
  const w = words.value.account;
  switch (row.state) {
    case 'ready':
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
