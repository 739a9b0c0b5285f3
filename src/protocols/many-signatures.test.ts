/** H3: signatures that clients send back are looked up, not looked for: a request may have tens of thousands. */
import { expect, test } from 'bun:test';
import type { JsonObject } from './json.ts';
import { codecs } from './registry.ts';
import { wrapId } from './signature-envelope.ts';

const count = 40_000;
/** Milliseconds: where each looked through all others, it took a minute. */
const patience = 10_000;
const signed = (at: number): string => wrapId(`c${at}`, { family: 'anthropic', value: `c2ln${at}` });
const each = <T>(one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at));

function expectQuick(work: () => void): void {
  const began = performance.now();
  work();
  expect(performance.now() - began).toBeLessThan(patience);
}

test('H3: a message of forty thousand signed calls is read in one pass', async () => {
  const calls = each((at) => ({
    id: signed(at),
    type: 'function',
    function: { name: 't', arguments: '{}' },
  }));
  const body: JsonObject = {
    messages: [{ role: 'assistant', content: null, reasoning_content: 'y', tool_calls: calls }],
  };
  expectQuick(() => {
    const { messages } = codecs['openai-chat'].decodeRequest(body, { model: 'm', stream: false });
    expect(messages[0]?.parts).toHaveLength(2 * count);
    expect(messages[0]?.parts[0]).toMatchObject({ type: 'reasoning', text: 'y' });
  });
});

test('H3: a turn of forty thousand signed calls is made the provider’s in one pass', async () => {
  const content = each((at) => ({ type: 'tool_use', id: signed(at), name: 't', input: {} }));
  expectQuick(() => {
    const { messages } = codecs['anthropic-messages'].sameProtocolSignatures(
      { messages: [{ role: 'assistant', content }] },
      { model: 'claude-x', report: () => {} },
    );
    const [own] = Array.isArray(messages) ? messages : [];
    const blocks = typeof own === 'object' && own !== null && 'content' in own ? own.content : undefined;
    expect(blocks).toHaveLength(2 * count);
  });
});
