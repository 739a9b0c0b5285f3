/** Documents and search results that are plain text, as upstreams of other protocols get them. */
import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import type { FactsName } from '../facts.ts';
import { sides, translated } from './coverage.ts';
import { greeting } from './feature.ts';

const data = btoa('hello doc');
const search: JsonObject = {
  type: 'search_result',
  source: 'https://e.test/x',
  title: 'Found',
  content: [{ type: 'text', text: 'found it' }],
};
/** The text `hello doc` as a file called `n.txt`, in each client's words; Gemini's has no name. */
const asked: Record<FactsName, JsonObject> = {
  chat: {
    messages: [
      {
        role: 'user',
        content: [{ type: 'file', file: { filename: 'n.txt', file_data: `data:text/plain;base64,${data}` } }],
      },
    ],
  },
  responses: {
    input: [
      {
        role: 'user',
        content: [{ type: 'input_file', filename: 'n.txt', file_data: `data:text/markdown;base64,${data}` }],
      },
    ],
  },
  anthropic: {
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'document',
            title: 'n.txt',
            source: { type: 'text', media_type: 'text/plain', data: 'hello doc' },
          },
        ],
      },
    ],
  },
  gemini: { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'text/csv', data } }] }] },
};
const routes = sides.flatMap((from) => sides.filter((to) => to !== from).map((to) => ({ from, to })));

describe('A22: a plain text stays text, and keeps its name', () => {
  test.each(routes)('from $from to $to', ({ from, to }) => {
    const { body, losses } = translated(from, to, { ...greeting[from], ...asked[from] });
    const text = JSON.stringify(body);
    expect(text).toContain('hello doc');
    expect(text).not.toContain(data);
    if (from !== 'gemini') expect(text).toContain('n.txt');
    expect(losses).toEqual([]);
  });
});

describe('A22: a search result keeps its text, its title and its source', () => {
  test.each(sides.filter((side) => side !== 'anthropic'))(
    'as content and in a tool result, over %s',
    (to) => {
      const messages = [
        { role: 'user', content: [search] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'find', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [search] }] },
      ];
      const { body, losses } = translated('anthropic', to, { ...greeting.anthropic, messages });
      const text = JSON.stringify(body);
      for (const said of ['found it', 'Found', 'https://e.test/x']) expect(text.split(said)).toHaveLength(3);
      expect(losses).toEqual([]);
    },
  );
});

test('A22: what is no text stays a file', () => {
  const pdf = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' };
  const messages = [{ role: 'user', content: [{ type: 'document', source: pdf }] }];
  const { body } = translated('anthropic', 'chat', { ...greeting.anthropic, messages });
  expect(JSON.stringify(body)).toContain('file_data');
});

describe('A22: pictures inside of a Claude client’s document arrive behind its text', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
  const blocks = [{ type: 'text', text: 'page 1' }, image];
  const document = { type: 'document', title: 'n.txt', source: { type: 'content', content: blocks } };
  const results = [{ type: 'tool_result', tool_use_id: 't1', content: [document] }];
  const messages = [
    { role: 'user', content: [document] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'find', input: {} }] },
    { role: 'user', content: results },
  ];
  const asked = { ...greeting.anthropic, messages };
  test.each(sides.filter((side) => side !== 'anthropic'))('over %s', (to) => {
    const { body, losses } = translated('anthropic', to, asked);
    const text = JSON.stringify(body);
    for (const said of ['page 1', 'n.txt', 'iVBORw0KGgo=']) expect(text.split(said)).toHaveLength(3);
    expect(losses.filter(({ kind }) => kind === 'dropped')).toEqual([]);
  });
  test('and what is neither text nor picture is reported', () => {
    const odd = { ...document, source: { type: 'content', content: [{ type: 'odd' }] } };
    const { losses } = translated('anthropic', 'chat', {
      ...greeting.anthropic,
      messages: [{ role: 'user', content: [odd, { type: 'text', text: 'hi' }] }],
    });
    expect(losses.map(({ kind }) => kind)).toContain('dropped');
  });
});
