/** Looks at an answer of the Responses API on its way to the client, without holding it up. */
import type { Answer } from '../../gateway/answer.ts';
import { asObject, isObject, type JsonObject, parseJson } from '../../protocols/json.ts';

/** A streamed answer longer than this is not looked at: its last event would not be kept in memory twice. */
const longestStream = 32 * 1024 * 1024;

/**
 * The same answer; `onResponse` gets the response object that it ends with, once, before the client has the end of it.
 * Failed answers, and streams that end without a response, give none.
 */
export async function tapResponse(
  answer: Answer,
  onResponse: (response: JsonObject) => void,
): Promise<Answer> {
  if (answer.status !== 200) return answer;
  if (!(answer.body instanceof ReadableStream)) {
    const text = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body);
    const response = answer.headers['content-type']?.includes('event-stream')
      ? lastResponse(text)
      : asObject(parseJson(text));
    if (isResponse(response)) onResponse(response);
    return answer;
  }
  const reader = answer.body.getReader();
  const seen: Uint8Array[] = [];
  let size = 0;
  const note = (bytes: Uint8Array): void => {
    size += bytes.byteLength;
    if (size <= longestStream) seen.push(bytes);
    else seen.length = 0;
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
        const response =
          size <= longestStream ? lastResponse(Buffer.concat(seen).toString('utf8')) : undefined;
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
function lastResponse(text: string): JsonObject | undefined {
  const at = text.lastIndexOf('\ndata:');
  const end = text.indexOf('\n', at + 1);
  const event = asObject(parseJson(text.slice(at + 6, end < 0 ? undefined : end).trim()));
  const ended = event?.type === 'response.completed' || event?.type === 'response.incomplete';
  return ended ? asObject(event?.response) : undefined;
}

function isResponse(value: JsonObject | undefined): value is JsonObject & { id: string } {
  return isObject(value) && typeof value.id === 'string' && value.object === 'response';
}
