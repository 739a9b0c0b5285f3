/** Numbers that JSON can write and no program can hold, as `1e999`: sent on they would be `null`, which is another wish. */
import { expect, test } from 'bun:test';
import { type Loss, lossesInto } from '../../src/protocols/codec.ts';
import { InvalidRequest } from '../../src/protocols/invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';

/** A request of each protocol, with the setting of this number. */
const requests: Record<Protocol, readonly string[]> = {
  'openai-chat': ['temperature', 'top_p', 'max_tokens', 'seed'].map(
    (name) => `{"messages":[{"role":"user","content":"hi"}],"${name}":1e999}`,
  ),
  'openai-responses': ['temperature', 'top_p', 'max_output_tokens'].map(
    (name) => `{"input":"hi","${name}":-1e999}`,
  ),
  'anthropic-messages': ['temperature', 'top_p', 'top_k', 'max_tokens'].map(
    (name) => `{"messages":[{"role":"user","content":"hi"}],"${name}":1e999}`,
  ),
  gemini: ['temperature', 'topP', 'topK', 'maxOutputTokens', 'seed'].map(
    (name) => `{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"${name}":1e999}}`,
  ),
};

function parsed(text: string): JsonObject {
  const value: Json = JSON.parse(text);
  if (!isObject(value)) throw new Error(text);
  return value;
}

const pairs = protocols.flatMap((from) =>
  protocols.filter((to) => to !== from).map((to) => [from, to] as const),
);

test.each(pairs)('%s to %s: a number without end is refused or reported, and never null', (from, to) => {
  for (const text of requests[from]) {
    const losses: Loss[] = [];
    let body: JsonObject;
    try {
      const request = codecs[from].decodeRequest(parsed(text), { model: 'm', stream: false });
      body = codecs[to].encodeRequest(request, {
        model: 'm',
        stream: false,
        report: lossesInto(losses),
      });
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidRequest);
      expect(String(error)).toContain('Infinity');
      continue;
    }
    expect([text, JSON.stringify(body).includes('null')]).toEqual([text, false]);
    expect([text, losses.length > 0]).toEqual([text, true]);
  }
});
