/** Looks at an answer on its way to the client, without holding it up. */
import type { Bounds } from '../../config/bounds.ts';
import type { Answer } from '../../gateway/answer.ts';
import { parsedYielding } from '../../gateway/json-body.ts';
import { checkWeightInTurns } from '../../gateway/weight-in-turns.ts';
import { yieldFor } from '../../gateway/yield-for.ts';
import { type AnswerBounds, countItems, itemsIn } from '../../protocols/answer-bounds.ts';
import type { Json, JsonObject } from '../../protocols/json.ts';
import { asObject } from '../../protocols/json-members.ts';
import { state } from './protocol.ts';

/** How much of an answer is read. */
export type ReadBounds = Pick<AnswerBounds, 'items' | 'values'>;

/** From the configuration. */
export function readBounds(bounds: Pick<Bounds, 'answer-items' | 'answer-values'>): ReadBounds {
  return { items: bounds['answer-items'], values: bounds['answer-values'] };
}

/**
 * The same answer; `onResponse` gets the response object that it ends with and about how many bytes it is, once, before the client has the end of it.
 * Errors, streams that end without a response, and answers in the background give none; a response that has failed is one. Of a stream only the last
 * events are held: the gateway's chunks are whole events. What is thrown over the response goes to `onProblem` and changes
 * nothing of the answer. One of more than the bounds is a problem, too. `holdsEnd`: the terminal event waits for what `onResponse` gives.
 */
export async function tapResponse(
  answer: Answer,
  onResponse: (response: JsonObject, length: number) => void | Promise<void>,
  onProblem: (error: unknown) => void,
  bounds: ReadBounds,
  holdsEnd = false,
): Promise<Answer> {
  if (answer.status !== 200) return answer;
  /** Whether the response was read already, from an event that was held for it. */
  let isRead = false;
  /** Weighing what is long, reading and keeping it have a turn each. */
  async function look(json: Uint8Array | string | undefined, isEvent: boolean): Promise<void> {
    if (json === undefined) return;
    try {
      await yieldFor(json.length);
      await checkWeightInTurns(json, bounds);
      await yieldFor(json.length);
      const value = await parsed(json, bounds);
      await yieldFor(json.length);
      const response = isEvent ? state.answerInEvent(value) : asObject(value);
      if (!state.isEnded(response)) return;
      isRead = true;
      await onResponse(response, json.length);
    } catch (error) {
      onProblem(error);
    }
  }
  if (!(answer.body instanceof ReadableStream)) {
    const { body } = answer;
    const isStream = answer.headers['content-type']?.includes('event-stream') === true;
    if (isStream)
      await look(lastData(typeof body === 'string' ? Buffer.from(lastLine(body)) : bufferOf(body)), true);
    else await look(body, false);
    return answer;
  }
  const reader = answer.body.getReader();
  let last: Uint8Array | undefined;
  const note = (bytes: Uint8Array): void => {
    // Keep-alives are no events.
    if (bufferOf(bytes).includes('data:')) last = bytes;
  };
  /** Others must find the response before its client can ask for it. */
  const held = async (bytes: Uint8Array): Promise<void> => {
    if (!holdsEnd || isRead || last !== bytes) return;
    const data = lastData(bufferOf(bytes));
    if (state.mayEndAnswer(data)) await look(data, true);
  };
  // A stream that breaks off at once does so for the client, as the one below it.
  const first = await reader.read().catch((error: unknown) => ({ broken: error }));
  if (!('broken' in first) && first.value !== undefined) {
    note(first.value);
    await held(first.value);
  }
  const body = new ReadableStream<Uint8Array>(
    {
      // Handed over at once, the first bytes leave together with the headers, in one system call.
      start(controller) {
        if ('broken' in first) return controller.error(first.broken);
        if (first.value === undefined) return controller.close();
        controller.enqueue(first.value);
      },
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) {
          note(value);
          if (holdsEnd) await held(value);
          controller.enqueue(value);
          return;
        }
        if (!isRead) await look(last && lastData(bufferOf(last)), true);
        controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { ...answer, body };
}

/** The same as the text of a stream has it, with the line end before it. */
function lastLine(text: string): string {
  return text.slice(Math.max(0, text.lastIndexOf('\ndata:')));
}

/** The data of the last event of a stream. A JSON text holds no line breaks, so the last line of data is an event. */
function lastData(bytes: Buffer): Buffer {
  const at = bytes.lastIndexOf('\ndata:');
  const end = bytes.indexOf('\n', at + 1);
  return bytes.subarray(at + 6, end < 0 ? undefined : end);
}

/** One of more items than are read is not kept; a long one is read in turns. Rejects with BeyondAnswer. */
async function parsed(json: Uint8Array | string, bounds: ReadBounds): Promise<Json | undefined> {
  const value = await parsedYielding(typeof json === 'string' ? json : bufferOf(json).toString());
  if (value !== undefined) countItems(itemsIn(value), bounds);
  return value;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
