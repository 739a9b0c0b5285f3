import { expect, test } from 'bun:test';
import type { Message } from './model.ts';
import { protocols } from './model.ts';
import { codecs } from './registry.ts';
import type { Request } from './request.ts';

const id = (at: number): string => `call_${at}`;
const messages: Message[] = Array.from({ length: 50 }, (_, at) => at).flatMap((at): Message[] => [
  { role: 'user', parts: [{ type: 'text', text: `Question ${at}` }] },
  { role: 'assistant', parts: [{ type: 'tool-call', id: id(at), name: 'f', kind: 'function', input: '{}' }] },
  {
    role: 'user',
    parts: [{ type: 'tool-result', callId: id(at), name: 'f', content: [{ type: 'text', text: 'x' }] }],
  },
]);
const request: Request = { model: 'm', stream: false, messages };
const target = { model: 'm', stream: false, report: () => {} };

test.each(protocols)('a long request for %s is written in several steps, to the same body', (protocol) => {
  const { encodeRequest, encodingRequest } = codecs[protocol];
  let stops = 0;
  const steps = encodingRequest(request, target);
  let step = steps.next();
  for (; !step.done; step = steps.next()) stops += 1;
  expect(stops).toBeGreaterThanOrEqual(3);
  expect(step.value).toEqual(encodeRequest(request, target));
});
