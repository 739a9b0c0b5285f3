/** The parts of an answer, independent of its protocol. */
import { isGroup } from '../../src/config/group.ts';

export interface Tokens {
  input: number;
  output: number;
}

/** A piece of an answer; `call` is a call of a tool, its name first and its arguments after. */
export type Part =
  | { kind: 'text' | 'thought' | 'call' | 'error'; text: string }
  | { kind: 'tokens'; tokens: Partial<Tokens> };

/** A member on the way into JSON that somebody else has written; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const name of path)
    found =
      typeof name === 'number'
        ? Array.isArray(found)
          ? found[name]
          : undefined
        : isGroup(found)
          ? found[name]
          : undefined;
  return found;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A part for a text that is there. */
export function part(kind: Exclude<Part['kind'], 'tokens'>, text: unknown): Part[] {
  return typeof text === 'string' && text !== '' ? [{ kind, text }] : [];
}

export function tokens(input: unknown, output: unknown): Part[] {
  const known: Partial<Tokens> = {
    ...(typeof input === 'number' && { input }),
    ...(typeof output === 'number' && { output }),
  };
  return Object.keys(known).length === 0 ? [] : [{ kind: 'tokens', tokens: known }];
}

/** What went wrong, in all four protocols. */
export function errorIn(value: unknown): Part[] {
  const error = at(value, 'error') ?? at(value, 'response', 'error');
  if (error === undefined || error === null) return [];
  return part('error', typeof error === 'string' ? error : (at(error, 'message') ?? JSON.stringify(error)));
}
