/** Codecs at work in tests: requests and streams read and written, answers put together. */

import type { Response, StreamEvent } from '../src/protocols/answer.ts';
import {
  type Codec,
  type EncodeContext,
  type EncodeTarget,
  isProtocolError,
  type Loss,
  lossesInto,
} from '../src/protocols/codec.ts';
import { foldEvents } from '../src/protocols/fold.ts';
import type { JsonObject } from '../src/protocols/json.ts';
import type { ProtocolError } from '../src/protocols/protocol-error.ts';
import type { Request } from '../src/protocols/request.ts';
import { type SseEvent, sseReader } from '../src/protocols/sse.ts';
import { text, user } from './messages.ts';

/** The events of a whole SSE text. */
export function readSse(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  const reader = sseReader((event) => events.push(event));
  reader.push(new TextEncoder().encode(text));
  reader.end();
  return events;
}

/** What the codec reads in a stream that ended, as it does at the end of the connection. */
export function readStream(codec: Codec, text: string, request: Request): StreamEvent[] {
  const events: StreamEvent[] = [];
  const emit = (event: StreamEvent): void => {
    events.push(event);
  };
  const decoder = codec.streamDecoder({ request });
  for (const event of readSse(text)) decoder.decode(event, emit);
  decoder.end(emit);
  return events;
}

/** The stream that the codec writes for these events. */
export function writeStream(codec: Codec, events: readonly StreamEvent[], context: EncodeContext): string {
  const encoder = codec.streamEncoder(context);
  return events.map((event) => encoder.encode(event)).join('');
}

/** The answer. Throws where there is an error instead. */
export function answerOf(result: Response | ProtocolError): Response {
  if (isProtocolError(result)) throw new Error(result.message);
  return result;
}

/** The events as one answer. Throws where they end in an error. */
export function folded(events: readonly StreamEvent[]): Response {
  const fold = foldEvents();
  for (const event of events) fold.push(event);
  return answerOf(fold.result());
}

/** The canonical value as if it came from another protocol: nothing put by for this one, signatures kept. */
export function neutral<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'extra' ? undefined : inner)));
}

/** The canonical request of a body. */
export function readRequest(codec: Codec, body: JsonObject): Request {
  return codec.decodeRequest(body, { model: 'm', stream: false });
}

/** The request as JSON in the codec's words, and what it lost. A request without messages says hello. */
export function writeRequest(
  codec: Codec,
  fields: Partial<Request>,
  target: Partial<EncodeTarget> = {},
): { body: JsonObject; losses: Loss[] } {
  const losses: Loss[] = [];
  const request: Request = { model: 'm', stream: false, messages: [user(text('Hello'))], ...fields };
  const report = lossesInto(losses);
  const body = codec.encodeRequest(request, { model: 'm', stream: request.stream, report, ...target });
  return { body: JSON.parse(JSON.stringify(body)), losses };
}

/** What those of these roles say in a conversation. */
export function textsOf({ messages }: Pick<Request, 'messages'>, roles: readonly string[]): string {
  return messages
    .filter(({ role }) => roles.includes(role))
    .flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')))
    .join('');
}
