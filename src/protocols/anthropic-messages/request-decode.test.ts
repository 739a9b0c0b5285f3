import { describe, expect, test } from 'bun:test';
import { readRequest } from '../../../test/codec-runs.ts';
import { InvalidRequest } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import { anthropicMessages as codec } from './index.ts';
import { demandNoThread } from './request-decode.ts';

describe('what is put by for this protocol', () => {
  test('holds unknown fields, which others lose, apart from the wording of known ones', () => {
    const { extra } = readRequest(codec, {
      max_tokens: 5,
      messages: [],
      stream: false,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low', task_budget: 5 },
      container: 'container_1',
      metadata: { user_id: 'u', team: 't' },
    });
    expect(extra?.fields).toEqual({
      output_config: { task_budget: 5 },
      container: 'container_1',
      metadata: { team: 't' },
    });
  });
});

describe('a request that is wrong', () => {
  test.each<[string, JsonObject, string]>([
    ['no messages', {}, 'messages'],
    ['a message without a role', { messages: [{ content: 'x' }] }, 'messages.0.role'],
    ['content that is a number', { messages: [{ role: 'user', content: 5 }] }, 'messages.0.content'],
    ['a block without a type', { messages: [{ role: 'user', content: [{}] }] }, 'messages.0.content.0.type'],
    [
      'an image without data',
      {
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'a/b' } }] },
        ],
      },
      'messages.0.content.0.source.data',
    ],
    ['a temperature in words', { messages: [], temperature: 'hot' }, 'temperature'],
    ['a tool without a name', { messages: [], tools: [{}] }, 'tools.0.name'],
    ['stop sequences that are numbers', { messages: [], stop_sequences: [1] }, 'stop_sequences.0'],
  ])('names its field: %s', (_name, body, path) => {
    let found: unknown;
    try {
      readRequest(codec, body);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(InvalidRequest);
    expect(found instanceof InvalidRequest && found.path).toBe(path);
  });
});

test('a thread is refused with the code that makes SDKs go on without one', () => {
  for (const thread of [{ type: 'create' }, { type: 'continue', previous_message_id: 'msg_1' }]) {
    const refused = () => demandNoThread({ messages: [], thread });
    expect(refused).toThrow(InvalidRequest);
    expect(refused).toThrow(expect.objectContaining({ code: 'thread_unsupported_request', path: 'thread' }));
  }
});

test('requests without a thread pass', () => {
  expect(() => demandNoThread({ messages: [] })).not.toThrow();
  expect(() => demandNoThread({ messages: [], thread: null })).not.toThrow();
});
