/** The time and the names that commands about usage take. */
import { Failure } from '../failure.ts';

export const periodOptions = {
  since: { type: 'string', value: 'TIME', meaning: 'From this time on' },
  until: { type: 'string', value: 'TIME', meaning: 'Up to this time' },
} as const;

export const whereOptions = {
  key: { type: 'string', value: 'NAME', meaning: 'Only of this client key' },
  account: { type: 'string', value: 'NAME', meaning: 'Only of this account or key of a provider' },
  provider: { type: 'string', value: 'NAME', meaning: 'Only of this provider' },
  model: { type: 'string', value: 'NAME', meaning: 'Only of this model' },
} as const;

/** The time that is meant, as the gateway takes it. `usual`: the word that counts without any. */
export function readPeriod(
  word: string | undefined,
  { since, until }: { since?: string | undefined; until?: string | undefined },
  usual = 'today',
): { since?: string | undefined; until?: string | undefined } {
  if (word !== undefined && since !== undefined)
    throw new Failure('usage', `"${word}" and --since are two beginnings: take one`);
  const from = since ?? word ?? (until === undefined ? usual : 'all');
  return { ...(from !== 'all' && { since: from }), until };
}
