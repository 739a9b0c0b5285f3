import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { exchanges } from '../../../test/corpus.ts';
import type { HttpResponse } from '../../http-client/message.ts';
import { aroundRequest, countRequest, unwrapResponse } from '../../protocols/gemini/envelope.ts';
import { answerOfResponse } from './fetched-answer.ts';
import { unwrapped } from './unwrap.ts';

const { before, behind } = aroundRequest('gemini-2.5-pro', 'my-project');

test('a wrapped request is the body, byte for byte, beside model and project', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (body, indent) => {
      const text = JSON.stringify(body, null, indent);
      const wrapped = before + text + behind;
      expect(wrapped).toContain(text);
      expect(JSON.parse(wrapped)).toEqual({
        model: 'gemini-2.5-pro',
        project: 'my-project',
        request: JSON.parse(text),
      });
    }),
  );
});

test('without a project none is named', () => {
  expect(aroundRequest('m', undefined).before).toBe('{"model":"m","request":');
});

test('for any answer, in any spelling and among any other members: what comes out is what was inside, byte for byte', () => {
  const others = fc.dictionary(
    fc.string().filter((name) => name !== 'response'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(
      fc.jsonValue(),
      others,
      others,
      fc.constantFrom('', ' ', '\n\t'),
      (inner, left, right, space) => {
        const text = JSON.stringify(inner, null, 1);
        const members = [
          ...Object.entries(left).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
          `"response"${space}:${space}${text}`,
          ...Object.entries(right).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
        ];
        expect(unwrapResponse(`{${space}${members.join(`${space},${space}`)}${space}}`)).toBe(text);
      },
    ),
  );
});

test.each(['', '[]', 'null', '{', '{"error":{"code":429}}', '{"response":{"a":1', '{"responses":1}'])(
  '%p holds no answer and stays as it is',
  (text) => {
    expect(unwrapResponse(text)).toBe(text);
  },
);

function streamOf(bytes: Uint8Array<ArrayBuffer>, size: number): HttpResponse {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + size));
      at += size;
    },
  });
  return answerOfResponse(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
}

async function textOf(answer: HttpResponse): Promise<string> {
  const reader = answer.body();
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value);
  return Buffer.concat(pieces).toString();
}

const recorded = exchanges('gemini').flatMap(({ id, response }) =>
  response?.sse === undefined ? [] : [{ id, sse: response.sse }],
);

test('every recorded Gemini stream comes out of its envelopes with the same bytes, however it is split', async () => {
  expect(recorded.length).toBeGreaterThan(0);
  for (const [index, { sse }] of recorded.entries()) {
    const wrapped = sse.replace(/^(data: ?)(\{.*\})(\r?)$/gm, '$1{"response":$2,"traceId":"t é"}$3');
    const bytes = new TextEncoder().encode(wrapped);
    const size = [bytes.length, 4096, 61, 7][index % 4] ?? 1;
    const answer = await unwrapped(
      streamOf(bytes, Math.max(size, Math.ceil(bytes.length / 5000))),
      unwrapResponse,
    );
    expect(await textOf(answer)).toBe(sse);
  }
});

test('an envelope over several lines of data comes out as the lines of what is inside; comments stay', async () => {
  const text =
    ': ping\n\ndata: {\ndata:  "response": {\ndata:   "a": "é\\n"\ndata:  }\ndata: }\n\ndata: {"error":{}}\n\n';
  for (const size of [1, 3, 1000]) {
    const answer = await unwrapped(streamOf(new TextEncoder().encode(text), size), unwrapResponse);
    expect(await textOf(answer)).toBe(
      ': ping\n\ndata: {\ndata:   "a": "é\\n"\ndata:  }\n\ndata: {"error":{}}\n\n',
    );
  }
});

test('what an answer is decides how it is unwrapped, not what it is called', async () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const called = (text: string, type: string) =>
    answerOfResponse(new Response(bytes(text), { headers: { 'content-type': type } }));
  for (const start of ['', '\uFEFF', '\n'])
    for (const type of ['application/json', 'text/event-stream'])
      for (const [wrapped, inner] of [
        ['{"response":{"a":1}}', '{"a":1}'],
        ['data: {"response":{"a":1}}\n\n', 'data: {"a":1}\n\n'],
      ] as const) {
        const whole = await unwrapped(called(start + wrapped, type), unwrapResponse);
        expect([start, type, new TextDecoder().decode(await whole.bytes()).trim()]).toEqual([
          start,
          type,
          inner.trim(),
        ]);
        const read = await unwrapped(called(start + wrapped, type), unwrapResponse);
        expect([start, type, (await textOf(read)).trim()]).toEqual([start, type, inner.trim()]);
      }
});

test('what can be counted of a request is counted: contents, system text and tools, wrapped or not', () => {
  const asked = {
    contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    tools: [{ functionDeclarations: [] }],
  };
  const request = {
    model: 'models/m',
    contents: [
      { role: 'user', parts: [{ text: 'Be brief.' }] },
      { role: 'user', parts: [{ text: '[{"functionDeclarations":[]}]' }] },
      { role: 'user', parts: [{ text: 'Hi' }] },
    ],
  };
  expect(countRequest(asked, 'm')).toEqual({ request });
  expect(countRequest({ generateContentRequest: asked }, 'm')).toEqual({ request });
});
