/** The model of a client where the user has named none, and the models for its sizes. */
import { isForConversation, isQuick } from '../models/conversation.ts';
import type { Client, Connection } from './client.ts';

/** The models of a connection. `wanted` is taken as it is. Undefined where nothing is served and nothing is named. */
export function modelChoice(
  { prefers = [] }: Pick<Client, 'prefers'>,
  served: readonly string[],
  wanted?: string,
): Omit<Connection, 'url' | 'key'> | undefined {
  const able = newestFirst(served.filter(isForConversation));
  const model =
    wanted ??
    first(able, ...prefers, /^claude-(?!.*haiku)/, /^gpt-/, /^gemini-.*pro/) ??
    able[0] ??
    served[0];
  if (model === undefined) return undefined;
  const maker = /^[a-z]+/i.exec(model)?.[0] ?? model;
  const kin = able.filter((other) => other.startsWith(maker));
  const small = kin.find(isQuick) ?? model;
  const isClaude = /claude/i.test(model);
  const tier = (name: RegExp, otherwise: string) => (isClaude ? (first(kin, name) ?? otherwise) : otherwise);
  return {
    model,
    small,
    tiers: {
      opus: tier(/opus/i, model),
      sonnet: tier(/sonnet/i, model),
      haiku: tier(/haiku/i, small),
    },
    models: served.includes(model) ? served : [model, ...served],
  };
}

function first(models: readonly string[], ...patterns: RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const found = models.find((model) => pattern.test(model));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Numbers in names are compared as numbers: 4-10 is newer than 4-9. */
function newestFirst(models: readonly string[]): string[] {
  return [...models].sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
}
