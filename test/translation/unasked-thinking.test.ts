/** Clients of Claude and Gemini that asked for no thinking: none is told, and what must come back does all the same. */
import { describe, expect, test } from 'bun:test';
import type { Response, StreamEvent } from '../../src/protocols/answer.ts';
import { unfoldResponse } from '../../src/protocols/fold.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import type { Part, ReasoningPart } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { writeStream } from '../codec-runs.ts';

const codec = codecs['anthropic-messages'];
const read = (fields: JsonObject) =>
  codec.decodeRequest(
    { max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], ...fields },
    { model: 'm', stream: true },
  );
const call: Part = { type: 'tool-call', id: 'call_1', name: 'f', kind: 'function', input: '{}' };
const text: Part = { type: 'text', text: 'ok' };

const thoughts: [string, ReasoningPart][] = [
  ['OpenAI', { type: 'reasoning', text: '', signature: { family: 'openai', value: 'gAAAAB' } }],
  [
    'OpenAI, summarized',
    { type: 'reasoning', text: 'Hm', summary: true, signature: { family: 'openai', value: 'gAAAAB' } },
  ],
  [
    'a Chat server',
    {
      type: 'reasoning',
      text: '',
      signature: { family: 'chat', value: '[{"type":"reasoning.encrypted","data":"x"}]' },
    },
  ],
];

/** The content blocks that a client gets, streamed and whole. */
function told(parts: Part[], asked: JsonObject = {}): JsonObject[][] {
  const request = read(asked);
  const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
  const response: Response = { id: 'x', model: 'u', parts, finish: { reason: 'stop' } };
  const events: StreamEvent[] = [];
  unfoldResponse(response, (event) => events.push(event));
  const lines = writeStream(codec, events, context).split('\n');
  const blocks = lines.flatMap((line) => asObjects(asObject(parseJson(line.slice(6)))?.content_block));
  return [asObjects(codec.encodeResponse(response, context).content), blocks];
}

/** The parts of the conversation when the client has sent the content back with a result. */
function sentBack(content: JsonObject[]): Part[] {
  const [use] = content.filter(({ type }) => type === 'tool_use');
  const result = { type: 'tool_result', tool_use_id: use?.id, content: 'done' };
  const { messages } = read({
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content },
      { role: 'user', content: [result] },
    ],
  });
  return messages.slice(1).flatMap(({ parts }) => parts);
}

describe.each(thoughts)('thinking of %s', (_name, thought) => {
  const unasked: [string, JsonObject][] = [
    ['nothing', {}],
    ['thinking off', { thinking: { type: 'disabled' } }],
    ['an effort alone', { output_config: { effort: 'high' } }],
  ];
  test.each(unasked)('A17: a client that asked for %s gets no thinking block', (_asked, fields) => {
    for (const content of told([thought, text], fields))
      expect(content.map(({ type }) => type)).toEqual(['text']);
  });
  test('A17: a client that asked for thinking gets it', () => {
    for (const content of told([thought, text], { thinking: { type: 'adaptive' } }))
      expect(content[0]?.type).toBe('thinking');
  });
  test("A17: its signature comes back in the call's id", () => {
    for (const content of told([thought, text, call, { ...call, id: 'call_2' }])) {
      expect(content.map(({ type }) => type)).toEqual(['text', 'tool_use', 'tool_use']);
      const parts = sentBack(content);
      expect(parts[0]).toMatchObject({ type: 'reasoning', signature: thought.signature });
      expect(parts.filter(({ type }) => type === 'reasoning')).toHaveLength(1);
      expect(parts.flatMap((part) => (part.type === 'tool-call' ? part.id : []))).toEqual([
        'call_1',
        'call_2',
      ]);
      expect(parts.at(-1)).toMatchObject({ type: 'tool-result', callId: 'call_1' });
    }
  });
});

test("A17: a call that Gemini signed comes back signed, and Gemini's text shows no carrier", () => {
  const signature = { family: 'gemini', value: 'c2ln' } as const;
  for (const content of told([
    { ...text, signature },
    { ...call, signature },
  ])) {
    expect(content.map(({ type }) => type)).toEqual(['text', 'tool_use']);
    expect(sentBack(content).find(({ type }) => type === 'tool-call')).toMatchObject({
      id: 'call_1',
      signature,
    });
  }
});

test('A17: thinking that nobody signed comes back with the call that followed it', () => {
  for (const content of told([{ type: 'reasoning', text: 'Hm' }, call])) {
    expect(content.map(({ type }) => type)).toEqual(['tool_use']);
    expect(sentBack(content)[0]).toEqual({ type: 'reasoning', text: 'Hm' });
  }
});

test('A17: a Claude upstream gets no foreign signature and ids that it takes', () => {
  const [content = []] = told([thoughts[0]?.[1] ?? text, call]);
  const request = read({
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: content[0]?.id, content: 'done' }] },
    ],
  });
  const body = codec.encodeRequest(request, { model: 'claude-opus-4-6', stream: false, report: () => {} });
  expect(JSON.stringify(body)).not.toContain('cpasig1');
  expect(asObjects(body.messages).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
});

describe('Gemini clients that asked for no thoughts', () => {
  const gemini = codecs.gemini;
  const hi = { role: 'user', parts: [{ text: 'hi' }] };
  const readGemini = (fields: JsonObject) =>
    gemini.decodeRequest({ contents: [hi], ...fields }, { model: 'm', stream: true });

  /** The parts that a client gets, streamed and whole, without the empty one of the last chunk. */
  function shown(parts: Part[], fields: JsonObject = {}): JsonObject[][] {
    const request = readGemini(fields);
    const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
    const response: Response = { id: 'x', model: 'u', parts, finish: { reason: 'stop' } };
    const events: StreamEvent[] = [];
    unfoldResponse(response, (event) => events.push(event));
    const partsOf = (chunk: JsonObject | undefined) =>
      asObjects(chunk?.candidates).flatMap(({ content }) => asObjects(asObject(content)?.parts));
    const lines = writeStream(gemini, events, context).split('\n');
    const streamed = lines.flatMap((line) => partsOf(asObject(parseJson(line.slice(6)))));
    return [partsOf(gemini.encodeResponse(response, context)), streamed.filter((part) => part.text !== '')];
  }

  const plain: ReasoningPart = { type: 'reasoning', text: 'Hm' };
  test.each([...thoughts, ['DeepSeek', plain] as const])(
    'A17: get none of %s, in words or empty',
    (_name, thought) => {
      for (const fields of [{}, { generationConfig: { thinkingConfig: { thinkingBudget: 1024 } } }])
        for (const parts of shown([thought, text], fields)) expect(parts).toEqual([{ text: 'ok' }]);
    },
  );

  test('A17: get them if they asked', () => {
    const fields = { generationConfig: { thinkingConfig: { includeThoughts: true } } };
    for (const parts of shown([plain, text], fields))
      expect(parts).toMatchObject([{ text: 'Hm', thought: true }, { text: 'ok' }]);
  });

  test('A17: give back with the call what its upstream needs again', () => {
    for (const [, thought] of [...thoughts, ['DeepSeek', plain] as const])
      for (const parts of shown([thought, call])) {
        expect(parts.map(Object.keys)).toEqual([['functionCall', 'thoughtSignature']]);
        const { messages } = readGemini({ contents: [hi, { role: 'model', parts }] });
        const { signature, text } = thought;
        const [carried, again] = messages[1]?.parts ?? [];
        expect(carried).toMatchObject({ type: 'reasoning', ...(signature ? { signature } : { text }) });
        expect(again).toMatchObject({ type: 'tool-call', name: 'f' });
      }
  });

  test("A17: get Claude's signed words, which nothing else could bring back", () => {
    const signed: ReasoningPart = {
      type: 'reasoning',
      text: 'Hm',
      signature: { family: 'anthropic', value: 'c2ln' },
    };
    for (const parts of shown([signed, call]))
      expect(parts).toMatchObject([
        { text: 'Hm', thought: true, thoughtSignature: expect.any(String) },
        { functionCall: { name: 'f' } },
      ]);
  });
});
