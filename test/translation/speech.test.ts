/** Spoken answers of Chat upstreams, told to clients that read their words as text. */
import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { folded, readStream } from '../codec-runs.ts';
import { answered } from './coverage.ts';

const data = 'UklGRiQAAABXQVZF';
const spoken = (content: string | null): JsonObject => ({
  id: 'c',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content,
        audio: { id: 'a', data, expires_at: 9, transcript: 'Good day' },
      },
      finish_reason: 'stop',
    },
  ],
});

describe('A25: what an answer says in text and in speech is told once', () => {
  test.each(['responses', 'anthropic', 'gemini'] as const)('to a client of %s', (client) => {
    for (const content of ['Good day', null]) {
      for (const told of answered('chat', client, spoken(content)))
        expect(JSON.stringify(told.output ?? told.content ?? told.candidates).split('Good day')).toHaveLength(
          2,
        );
    }
  });

  test('and clients of Chat read both', () => {
    for (const told of answered('chat', 'chat', spoken('Good day')))
      expect(told).toMatchObject({
        choices: [{ message: { content: 'Good day', audio: { data, transcript: 'Good day' } } }],
      });
  });

  test('words of a stream whose speech holds no bytes are not lost', () => {
    const request = codecs.gemini.decodeRequest({ contents: [] }, { model: 'm', stream: true });
    const chunks = [
      { delta: { audio: { id: 'a', transcript: 'Good ' } } },
      { delta: { audio: { transcript: 'day' } }, finish_reason: 'stop' },
    ];
    const sse = chunks
      .map((choice) => `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, ...choice }] })}\n\n`)
      .join('');
    const { parts } = folded(readStream(codecs['openai-chat'], `${sse}data: [DONE]\n\n`, request));
    expect(parts).toMatchObject([{ type: 'audio', transcript: 'Good day' }]);
  });
});
