import { expect, test } from 'bun:test';
import { withoutInventedCitations } from './citations.ts';

const invented =
  '{"type":"web_search_result_location", "url":"https://e.test","title":"E","cited_text":"","encrypted_index" : ""}';
const real =
  '{"type":"web_search_result_location","url":"https://e.test","encrypted_index":"Eo8B","cited_text":"x"}';
const cleaned = (text: string): string =>
  new TextDecoder().decode(withoutInventedCitations(new TextEncoder().encode(text)));
const body = (block: string): string =>
  `{"model":"m", "messages":[ {"role":"user","content":"\\u0071"},\n{"role":"assistant","content":[${block},{"type":"text","text":"é"}]}],"max_tokens":1e3}`;

test.each([
  ['alone', `{"type":"text","text":"a" ,"citations":[${invented}]}`, `{"type":"text","text":"a"}`],
  [
    'all of them',
    `{"type":"text","text":"a","citations":[${invented}, ${invented}]}`,
    `{"type":"text","text":"a"}`,
  ],
  ['first', `{"citations":[${invented} , ${real}],"type":"text"}`, `{"citations":[${real}],"type":"text"}`],
  ['last', `{"type":"text","citations":[ ${real} , ${invented}]}`, `{"type":"text","citations":[ ${real}]}`],
  [
    'in between',
    `{"type":"text","citations":[${real},${invented},${invented},${real}]}`,
    `{"type":"text","citations":[${real},${real}]}`,
  ],
  [
    'in a result',
    `{"type":"tool_result","content":[{"type":"text","text":"a","citations":[${invented}]}]}`,
    `{"type":"tool_result","content":[{"type":"text","text":"a"}]}`,
  ],
])('A11: an invented citation goes, every other byte stays: %s', (_name, before, after) => {
  expect(cleaned(body(before))).toBe(body(after));
});

test('A11: bytes without one are the very same', () => {
  for (const text of [
    body(`{"type":"text","text":"\\"encrypted_index\\":\\"\\"","citations":[${real}]}`),
    'no JSON',
    '{"encrypted_index":""}',
  ]) {
    const bytes = new TextEncoder().encode(text);
    expect(withoutInventedCitations(bytes)).toBe(bytes);
  }
});
