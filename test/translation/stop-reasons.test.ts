/** Why an answer ended, told to clients of every protocol: what the content shows counts. */
import { describe, expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import type { FactsName } from '../facts.ts';
import { answered, sides } from './coverage.ts';
import { at } from './feature.ts';

const call: JsonObject = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"x":1}' } };
const chatAnswer = (...choices: JsonObject[]): JsonObject => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: choices.map((choice, index) => ({ index, ...choice })),
});
const chatCalls = (finish_reason: string): JsonObject =>
  chatAnswer({ message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason });
const anthropicAnswer = (stop_reason: string | null, ...content: JsonObject[]): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content,
  stop_reason,
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
});
const toolUse: JsonObject = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { x: 1 } };

/** Where each client reads why the answer ended. */
const reasonAt: Record<FactsName, string> = {
  chat: 'choices.0.finish_reason',
  responses: 'status',
  anthropic: 'stop_reason',
  gemini: 'candidates.0.finishReason',
};
const reasons = (
  upstream: FactsName,
  client: FactsName,
  answer: JsonObject,
  asked?: JsonObject,
): (Json | undefined)[] =>
  answered(upstream, client, answer, asked).map((told) => at(told, reasonAt[client]));
const others = (upstream: FactsName): FactsName[] => sides.filter((side) => side !== upstream);

/** An answer that calls a tool, and one that only speaks, in the words of each client. */
const called: Record<FactsName, string> = {
  chat: 'tool_calls',
  responses: 'completed',
  anthropic: 'tool_use',
  gemini: 'STOP',
};
const plain: Record<FactsName, string> = {
  chat: 'stop',
  responses: 'completed',
  anthropic: 'end_turn',
  gemini: 'STOP',
};
const paused: Record<FactsName, string> = {
  chat: 'length',
  responses: 'incomplete',
  anthropic: 'pause_turn',
  gemini: 'MAX_TOKENS',
};

describe('A5: an answer with calls ends to call tools', () => {
  const words = ['stop', 'eos', 'STOP', 'stop_sequence', 'some_new_word', 'function_call'];
  const overChat = words.flatMap((word) => others('chat').map((client) => ({ word, client })));
  test.each(overChat)('$word of Chat for $client', ({ word, client }) => {
    for (const reason of reasons('chat', client, chatCalls(word))) expect(reason).toBe(called[client]);
  });

  const overAnthropic = ['end_turn', 'stop_sequence', 'new_reason', null].flatMap((word) =>
    others('anthropic').map((client) => ({ word, client })),
  );
  test.each(overAnthropic)('$word of Anthropic for $client', ({ word, client }) => {
    for (const reason of reasons('anthropic', client, anthropicAnswer(word, toolUse)))
      expect(reason).toBe(called[client]);
  });

  test.each(others('chat'))('the older function_call of Chat for %s', (client) => {
    const answer = chatAnswer({
      message: { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      finish_reason: 'stop',
    });
    for (const reason of reasons('chat', client, answer)) expect(reason).toBe(called[client]);
  });

  test('clients that know functions only read function_call', () => {
    const asked = { functions: [{ name: 'f', parameters: {} }] };
    for (const reason of reasons('anthropic', 'chat', anthropicAnswer('end_turn', toolUse), asked))
      expect(reason).toBe('function_call');
  });

  test('a limit that ended the answer stays the reason', () => {
    for (const reason of reasons('chat', 'anthropic', chatCalls('content_filter')))
      expect(reason).toBe('refusal');
  });
});

describe('A5: an answer that was to end with calls and has none ends plainly', () => {
  test.each(others('chat'))('tool_calls of Chat for %s', (client) => {
    const answer = chatAnswer({ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'tool_calls' });
    for (const reason of reasons('chat', client, answer)) expect(reason).toBe(plain[client]);
  });
  test.each(others('anthropic'))('tool_use of Anthropic for %s', (client) => {
    const answer = anthropicAnswer('tool_use', { type: 'text', text: 'Hi' });
    for (const reason of reasons('anthropic', client, answer)) expect(reason).toBe(plain[client]);
  });
});

test('A5: each of several choices ends as its own content shows', () => {
  const answer = {
    responseId: 'g',
    candidates: [
      { index: 0, content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' },
      {
        index: 1,
        content: { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
        finishReason: 'STOP',
      },
    ],
  };
  for (const told of answered('gemini', 'chat', answer, { n: 2 })) {
    expect(at(told, 'choices.0.finish_reason')).toBe('stop');
    expect(at(told, 'choices.1.finish_reason')).toBe('tool_calls');
  }
});

describe('A24: a turn that was paused is not told as finished', () => {
  test.each(others('anthropic'))('to a client of %s', (client) => {
    // The second is Claude's word for a turn that a compaction has cut.
    for (const word of ['pause_turn', 'compaction']) {
      const answer = anthropicAnswer(word, { type: 'text', text: 'Searching' });
      for (const reason of reasons('anthropic', client, answer)) expect(reason).toBe(paused[client]);
    }
  });
});
