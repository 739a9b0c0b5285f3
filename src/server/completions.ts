/** The legacy `/v1/completions`: a request that generates, with one user message, answered in the older form. */
import type { Answer, ClientRequest } from '../gateway/answer.ts';
import { scanEnvelope } from '../gateway/body-scan.ts';
import { errorAnswer, invalid } from '../gateway/error-answer.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { bodyYielding, parsedYielding } from '../gateway/json-body.ts';
import { emptyLine, keepAliveBytes } from '../gateway/stream/keep-alive.ts';
import { type TurningReader, turningReader } from '../gateway/stream/turning-reader.ts';
import { jsonInTurns } from '../gateway/text-in-turns.ts';
import { checkWeightInTurns } from '../gateway/weight-in-turns.ts';
import { yieldFor } from '../gateway/yield-for.ts';
import { textPieces } from '../http-client/text-pieces.ts';
import { BeyondAnswer, beyondError, checkWeight, countItems, itemsIn } from '../protocols/answer-bounds.ts';
import type { Codec, CompletionsForm } from '../protocols/codec.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../protocols/json.ts';
import { codecs } from '../protocols/registry.ts';
import { type SseEvent, sseText } from '../protocols/sse.ts';
import type { ReadBounds } from './responses/answer-tap.ts';

/** Answers a legacy completion as a request that generates, whatever protocol the upstream has. `bounds`: what is read of the answer. */
export async function completions(
  gateway: Pick<Gateway, 'handle' | 'refuse'>,
  request: ClientRequest,
  bounds: ReadBounds,
): Promise<Answer> {
  const codec = codecs[request.protocol];
  const form = formOf(codec);
  let generating: JsonObject;
  try {
    generating = form.request(await bodyYielding(request.body));
  } catch (error) {
    if (error instanceof InvalidRequest) return gateway.refuse(request, invalid(error));
    throw error;
  }
  const written = await jsonInTurns({ model: request.model, ...generating }, request.body.length);
  const body = new TextEncoder().encode(written);
  await yieldFor(body.length);
  const scanned = scanEnvelope(body);
  const answer = await gateway.handle({
    ...request,
    body,
    modelSpan: scanned?.modelSpan,
    streamOptions: scanned?.streamOptions,
  });
  if (answer.status >= 400) return answer;
  if (answer.body instanceof ReadableStream)
    return {
      ...answer,
      body: answer.body.pipeThrough(
        request.stream ? completionStream(codec, bounds) : lateCompletion(codec, bounds),
      ),
    };
  const text = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body);
  if (request.stream) return { ...answer, body: await completionEvents(text, codec, bounds) };
  try {
    return { ...answer, body: await completionText(text, form, bounds) };
  } catch (error) {
    if (error instanceof BeyondAnswer) return errorAnswer(request.protocol, beyondError(error));
    throw error;
  }
}

/** The older form that the protocol of a Completions request has. */
function formOf({ completions: form, protocol }: Codec): CompletionsForm {
  if (form === undefined) throw new Error(`${protocol} has no completions`);
  return form;
}

/** Text that is not an answer stays as it is. Rejects with {@link BeyondAnswer}: what goes through as it is elsewhere is read here. */
async function completionText(text: string, form: CompletionsForm, bounds: ReadBounds): Promise<string> {
  await checkWeightInTurns(text, bounds);
  const value = await parsedYielding(text);
  if (!isObject(value)) return text;
  countItems(itemsIn(value), bounds);
  const completion = form.answer(value);
  await yieldFor(text.length);
  return jsonInTurns(completion, text.length);
}

/** An answer that does not stream and that keep-alives precede. */
function lateCompletion(codec: Codec, bounds: ReadBounds): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let text = '';
  return new TransformStream({
    transform(bytes, controller) {
      if (sameBytes(bytes, emptyLine)) controller.enqueue(bytes);
      else text += decoder.decode(bytes, { stream: true });
    },
    async flush(controller) {
      let written: string;
      try {
        written = await completionText(text + decoder.decode(), formOf(codec), bounds);
      } catch (error) {
        if (!(error instanceof BeyondAnswer)) throw error;
        written = errorText(codec, error);
      }
      controller.enqueue(new TextEncoder().encode(written));
    },
  });
}

function errorText(codec: Codec, error: BeyondAnswer): string {
  return JSON.stringify(codec.encodeError(beyondError(error)));
}

function sameBytes(bytes: Uint8Array, others: Uint8Array | undefined): boolean {
  return others !== undefined && Buffer.compare(bytes, others) === 0;
}

/** The events of an answer that came whole; a long one is read and written in turns. */
async function completionEvents(text: string, codec: Codec, bounds: ReadBounds): Promise<string> {
  const out: string[] = [];
  const events = eventReader(codec, bounds, (event) => void out.push(event));
  const pieces = textPieces(text);
  for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) {
    await events.push(piece);
    await yieldFor(text.length);
  }
  await events.end();
  return out.join('');
}

/** Reads events of the protocol; `say` gets the older form of each. */
function eventReader(codec: Codec, bounds: ReadBounds, say: (event: string) => void): TurningReader {
  const form = formOf(codec);

  function take({ data }: SseEvent): void {
    try {
      checkWeight(data, bounds);
      const said = completionOf(data, parseJson(data));
      say(typeof said === 'string' ? said : sseText(JSON.stringify(said)));
    } catch (error) {
      sayBeyond(error);
    }
  }

  async function takeLong({ data }: SseEvent): Promise<void> {
    try {
      await yieldFor(data.length);
      await checkWeightInTurns(data, bounds);
      const said = completionOf(data, await parsedYielding(data));
      await yieldFor(data.length);
      say(typeof said === 'string' ? said : sseText(await jsonInTurns(said, data.length)));
    } catch (error) {
      sayBeyond(error);
    }
  }

  /** What an event is in the older form, or its text where that is no completion. Throws {@link BeyondAnswer}. */
  function completionOf(data: string, chunk: Json | undefined): JsonObject | string {
    countItems(itemsIn(chunk ?? null), bounds);
    return isObject(chunk) && chunk.error === undefined ? (form.event(chunk) ?? '') : sseText(data);
  }

  function sayBeyond(error: unknown): void {
    if (!(error instanceof BeyondAnswer)) throw error;
    say(sseText(errorText(codec, error)));
  }

  return turningReader(take, takeLong);
}

function completionStream(codec: Codec, bounds: ReadBounds): TransformStream<Uint8Array, Uint8Array> {
  const keepAlive = keepAliveBytes(codec.protocol);
  const encoder = new TextEncoder();
  let out = '';
  const events = eventReader(codec, bounds, (event) => {
    out += event;
  });
  const send = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (out.length > 0) controller.enqueue(encoder.encode(out));
    out = '';
  };
  return new TransformStream({
    transform(bytes, controller) {
      // Keep-alives come between events, each in a piece of its own.
      if (sameBytes(bytes, keepAlive)) return controller.enqueue(bytes);
      const taken = events.push(bytes);
      return taken === undefined ? send(controller) : taken.then(() => send(controller));
    },
    async flush(controller) {
      await events.end();
      send(controller);
    },
  });
}
