import { describe, expect, test } from 'bun:test';
import { readRequest, writeRequest } from '../../../test/codec-runs.ts';
import type { JsonObject } from '../json.ts';
import type { Message } from '../model.ts';
import type { Request } from '../request.ts';
import { anthropicMessages as codec } from './index.ts';

function encode(fields: Partial<Request>): { body: JsonObject; dropped: string[] } {
  const { body, losses } = writeRequest(codec, fields, { model: 'claude-test' });
  return { body, dropped: losses.filter(({ kind }) => kind === 'dropped').map(({ field }) => field) };
}

describe('files', () => {
  const source = (file: Extract<Message['parts'][number], { type: 'file' | 'image' }>): unknown => {
    const { body } = encode({ messages: [{ role: 'user', parts: [file] }] });
    return Object(Object(Object(body.messages)[0]).content[0]).source;
  };

  test('of text are sent as text', () => {
    expect(
      source({ type: 'file', source: { kind: 'base64', mediaType: 'text/csv', data: btoa('a,b') } }),
    ).toEqual({
      type: 'text',
      media_type: 'text/plain',
      data: 'a,b',
    });
  });

  test('without a proper type are known by their first bytes', () => {
    const data = 'JVBERi0xLjQK';
    expect(
      source({ type: 'file', source: { kind: 'base64', mediaType: 'application/octet-stream', data } }),
    ).toEqual({
      type: 'base64',
      media_type: 'application/pdf',
      data,
    });
    expect(
      source({ type: 'image', source: { kind: 'base64', mediaType: 'image/*', data: 'iVBORw0KGgo=' } }),
    ).toMatchObject({ media_type: 'image/png' });
  });

  test('in the store of another provider are dropped with a report', () => {
    const { dropped } = encode({
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'See' },
            { type: 'file', source: { kind: 'file-id', protocol: 'openai-responses', id: 'file-1' } },
          ],
        },
      ],
    });
    expect(dropped).toEqual(['messages.file']);
  });

  test('that hold content blocks, search results and compaction give other protocols their text', () => {
    const request = readRequest(codec, {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: {
                type: 'content',
                content: [
                  { type: 'text', text: 'one' },
                  { type: 'text', text: 'two' },
                ],
              },
            },
            {
              type: 'search_result',
              source: 'https://a',
              title: 'A',
              content: [{ type: 'text', text: 'found' }],
            },
          ],
        },
        { role: 'assistant', content: [{ type: 'compaction', content: 'so far' }] },
      ],
    });
    expect(request.messages).toMatchObject([
      { parts: [{ source: { text: 'one\ntwo' } }, { name: 'A', source: { text: 'found' } }] },
      { parts: [{ type: 'text', text: 'so far' }] },
    ]);
  });
});
