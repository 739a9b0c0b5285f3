/** What an upstream says to anything, in the words of the protocol of its address: whole, or as a stream. */
import { parseJson } from '../../src/protocols/json.ts';
import type { Asked } from '../gateway/upstream.ts';

const usage = { input_tokens: 3, output_tokens: 1, total_tokens: 4 };
let made = 0;

const whole: [address: RegExp, answer: (id: string) => object][] = [
  [/input_tokens|count_tokens|countTokens/, () => ({ input_tokens: 3, totalTokens: 3 })],
  [/embed|Embed/, () => ({ data: [{ index: 0, embedding: [1] }], embedding: { values: [1] } })],
  [
    /chat\/completions/,
    (id) => ({
      id,
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }],
    }),
  ],
  [
    /responses/,
    (id) => ({ id, object: 'response', status: 'completed', model: 'm', output: [message(id)], usage }),
  ],
  [
    /messages/,
    (id) => ({
      ...{ id, type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn', usage },
      content: [{ type: 'text', text: 'x' }],
    }),
  ],
  [
    /generateContent|GenerateContent/,
    () => ({ candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }] }),
  ],
];

function message(id: string): object {
  return {
    ...{ type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed' },
    content: [{ type: 'output_text', text: 'x', annotations: [] }],
  };
}

/** Of Responses alone the stream is written: the others are asked for whole answers here. */
export function smallAnswer({ path, body }: Pick<Asked, 'path' | 'body'>): Response {
  const id = `a_${made++}`;
  const found = whole.find(([address]) => address.test(path))?.[1](id) ?? {};
  const tail =
    new TextDecoder('latin1').decode(body.subarray(-64)) +
    new TextDecoder('latin1').decode(body.subarray(0, 4096));
  if (!/responses/.test(path) || !/"stream":\s*true/.test(tail)) return Response.json(found);
  const events = [
    { type: 'response.created', response: { ...found, status: 'in_progress', output: [] } },
    { type: 'response.completed', response: found },
  ];
  return new Response(
    events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
    {
      headers: { 'content-type': 'text/event-stream' },
    },
  );
}

/** The id of an answer. */
export function idIn(text: string): string {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? String(value.id) : '';
}
