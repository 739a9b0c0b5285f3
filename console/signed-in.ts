/** The session: null without one, undefined while that is not known. */
import { signal } from '@preact/signals';
import type { SignedIn } from '../src/console/wire.ts';

export const signedIn = signal<SignedIn | null | undefined>(undefined);

export function signedOut(): void {
  if (signedIn.value !== undefined) signedIn.value = null;
}
