/** Looks at an answer of the Responses API on its way to the client, without holding it up. */
import type { Answer } from '../../gateway/answer.ts';
import { asObject, asString, isObject, type JsonObject, parseJson } from '../../protocols/json.ts';

/**
 * The same answer; `onResponse` gets the response object that it ends with, once, before the client has the end of it.
 * Errors, streams that end without a response, and answers in the background give none; a response that has failed is one. Of a stream only the last
 * events are held: the gateway's chunks are whole events.
 */
export async function tapResponse(
  answer: Answer,
  onResponse: (response: JsonObject) => void,
): Promise<Answer> {
  if (answer.status !== 200) return answer;
  if (!(answer.body instanceof ReadableStream)) {
    const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : bufferOf(answer.body);
    const response = answer.headers['content-type']?.includes('event-stream')
      ? lastResponse(bytes)
      : asObject(parseJson(bytes.toString()));
    if (isResponse(response)) onResponse(response);
    return answer;
  }
  const reader = answer.body.getReader();
  let last: Uint8Array | undefined;
  const note = (bytes: Uint8Array): void => {
    // Signs of life are no events.
    if (bufferOf(bytes).includes('data:')) last = bytes;
  };
  const first = await reader.read();
  const body = new ReadableStream<Uint8Array>(
    {
      // Handed over at once, the first bytes leave together with the headers, in one system call.
      start(controller) {
        if (first.value === undefined) return controller.close();
        note(first.value);
        controller.enqueue(first.value);
      },
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) {
          note(value);
          controller.enqueue(value);
          return;
        }
        const response = last && lastResponse(bufferOf(last));
        if (isResponse(response)) onResponse(response);
        controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { ...answer, body };
}

/** The response in the terminal event of a stream. A JSON text holds no line breaks, so the last line of data is an event. */
function lastResponse(bytes: Buffer): JsonObject | undefined {
  const at = bytes.lastIndexOf('\ndata:');
  const end = bytes.indexOf('\n', at + 1);
  const event = asObject(parseJson(bytes.toString('utf8', at + 6, end < 0 ? undefined : end).trim()));
  return endings.has(asString(event?.type)) ? asObject(event?.response) : undefined;
}

/** Terminal events of the Responses API that hold the response. */
const endings: ReadonlySet<string | undefined> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.done',
]);

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One that goes on in the background is not kept: how it ends is not known here. */
function isResponse(value: JsonObject | undefined): value is JsonObject & { id: string } {
  if (!isObject(value) || typeof value.id !== 'string' || value.object !== 'response') return false;
  return value.status !== 'queued' && value.status !== 'in_progress';
}
