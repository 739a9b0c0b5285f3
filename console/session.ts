/** Who is signed in. A ticket in the address signs in once and is taken out of it at once. */
import { signal } from '@preact/signals';
import type { Me } from '../src/console/wire.ts';
import { root } from './address.ts';
import { ask, reasonOf } from './api.ts';
import { signedIn } from './signed-in.ts';

export const version = signal('');
export const signInProblem = signal('');

export async function start(): Promise<void> {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  if (ticket !== null && (await signIn({ ticket }))) return;
  try {
    take(await ask<Me>('session', { asked: window.askedSession }));
  } catch {
    signedIn.value = null;
  }
}

export async function signIn(by: { ticket: string } | { key: string }): Promise<boolean> {
  try {
    signInProblem.value = '';
    take(await ask<Me>('session', { method: 'POST', body: by }));
    return true;
  } catch (error) {
    signInProblem.value = reasonOf(error);
    return false;
  }
}

export async function signOut(): Promise<void> {
  await ask<Me>('session', { method: 'DELETE' }).catch(() => undefined);
  location.assign(root);
}

function take(me: Me): void {
  signedIn.value = me.signedIn;
  version.value = me.version;
}
