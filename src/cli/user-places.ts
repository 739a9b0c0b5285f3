/** The directories for program files of the user who runs a command. */
import { homedir } from 'node:os';
import type { Shell } from './shell.ts';

export function placesOf({ env }: Shell): { home: string; env: Shell['env'] } {
  return { home: env.HOME || homedir(), env };
}
