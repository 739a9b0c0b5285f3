/** Where the programs of whoever runs a command keep their files. */
import { homedir } from 'node:os';
import type { Shell } from './shell.ts';

export function placesOf({ env }: Shell): { home: string; env: Shell['env'] } {
  return { home: env.HOME || homedir(), env };
}
