/** An upstream whose keys answer with their own names, and the entries that lead to it. */
import { afterAll, beforeEach } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Asked, chatAnswer, chatStream, startUpstream } from './upstream.ts';

/** It ends with the tests of the file, and forgets before each what it has been asked and told. */
export function startNamedUpstream(models: readonly string[] = ['m']) {
  /** What each key's requests are answered with; keys that are not here answer with their own name. */
  const answers = new Map<string, (asked: Asked) => Response | Promise<Response>>();
  const upstream = startUpstream((asked) => answers.get(asked.key)?.(asked) ?? named(asked));
  let made = 0;
  beforeEach(() => {
    answers.clear();
    upstream.asked.length = 0;
  });
  afterAll(() => upstream[Symbol.dispose]());
  return {
    answers,
    upstream,
    /** Keys of a test's own: a key that failed is in cooldown, whatever test it failed in. */
    freshKeys: (count: number): string[] => Array.from({ length: count }, () => `named-key-${++made}`),
    /** The keys that were asked, in their order. */
    tried: (): string[] => upstream.asked.map(({ key }) => key),
    /** An entry of `openai-compatibility` with these keys, in their order. */
    provider: (keys: string[], more: JsonObject = {}): JsonObject => ({
      name: keys.join('-'),
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': keys.map((key) => ({ 'api-key': key })),
      models: models.map((name) => ({ name })),
      ...more,
    }),
  };
}

export function named({ key, body }: Asked): Response {
  return new TextDecoder().decode(body).includes('"stream":true') ? chatStream(key) : chatAnswer(key);
}

export const serving = (...entries: JsonObject[]): JsonObject => ({ 'openai-compatibility': entries });
