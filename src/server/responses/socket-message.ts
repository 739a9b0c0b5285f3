/** What a client says over the WebSocket of the Responses API. */
import type { Bounds } from '../../config/bounds.ts';
import { parsedYielding } from '../../gateway/json-body.ts';
import { yieldFor } from '../../gateway/yield-for.ts';
import { isDeeper } from '../../protocols/answer-bounds.ts';
import { isObject, type JsonObject } from '../../protocols/json.ts';
import { asString } from '../../protocols/json-members.ts';
import { patchedJson } from '../../protocols/json-patch.ts';
import { eachMember } from '../../protocols/json-span.ts';
import { isHeavierThan, requestWeights } from '../../protocols/json-weight.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import { tooManyValues } from '../request-body.ts';
import { twoModels } from '../request-errors.ts';

/** The answer that `response.append` adds to, and what was asked for with it: all but what was said. */
export interface LastAnswer {
  id: string;
  settings: JsonObject;
}

export type Message =
  | {
      ok: true;
      /** The body that it would have over HTTP: the client's bytes, but for what belongs to the way. */
      body: Uint8Array<ArrayBuffer>;
      /** What of the body is not of this turn alone. */
      settings: JsonObject;
      model: string;
      /** False for a request that only prepares the next. */
      generate: boolean;
      /** The client's own name for the request. */
      streamId: string | undefined;
    }
  | { ok: false; error: ProtocolError; streamId: string | undefined };

/** Characters of a client's own name for a request: an id of any form. */
const longestStreamId = 256;

/**
 * A long message is read while yielding to others. `response.create` is a request; `response.append` brings only input and goes on from the last answer of the connection.
 * What belongs to the way and not to the request is left out: source: platform.openai.com/docs/guides/websocket-mode.
 */
export async function readMessage(
  text: string,
  last: LastAnswer | undefined,
  { nesting: levels, 'json-values': mostValues }: Pick<Bounds, 'nesting' | 'json-values'>,
): Promise<Message> {
  if (isHeavierThan(mostValues, text, requestWeights))
    return { ok: false, error: tooManyValues(mostValues), streamId: undefined };
  const value = await parsedYielding(text);
  if (text.length >= 2 * levels && isDeeper(value, levels))
    return refused(
      `A message is nested deeper than ${levels} levels (bounds.nesting).`,
      undefined,
      undefined,
    );
  if (!isObject(value)) return refused('A message must be a JSON object.', undefined, undefined);
  const { type, generate, background: _none, stream: _always, stream_id, ...said } = value;
  const streamId = asString(stream_id);
  // It goes out again with every event of the answer.
  if (streamId !== undefined && streamId.length > longestStreamId)
    return refused(
      `stream_id: expected at most ${longestStreamId} characters, found ${streamId.length}.`,
      'stream_id',
      undefined,
    );
  if (type !== 'response.create' && type !== 'response.append') {
    const found = JSON.stringify(type ?? null).slice(0, 80);
    return refused(
      `type: expected "response.create" or "response.append", found ${found}.`,
      'type',
      streamId,
    );
  }
  const append = type === 'response.append';
  if (append && last === undefined)
    return refused(
      'type: there is no answer on this connection to append to; begin with "response.create".',
      'type',
      streamId,
    );
  const { input, previous_response_id, ...settings } =
    append && last !== undefined ? { ...last.settings, ...said } : said;
  const previous = previous_response_id ?? (append ? last?.id : undefined);
  const model = asString(settings.model);
  if (model === undefined || model === '')
    return refused('model: expected the name of a model.', 'model', streamId);
  // A second `model` has gone with the parsing of the message; one in other letters would go on to the provider.
  const lookalike = Object.keys(settings).find((key) => key !== 'model' && key.toLowerCase() === 'model');
  if (lookalike !== undefined) return { ok: false, error: twoModels(lookalike), streamId };
  return {
    ok: true,
    body: await bodyOf(text, value, {
      ...settings,
      ...(input !== undefined && { input }),
      ...(previous !== undefined && { previous_response_id: previous }),
      stream: true,
    }),
    settings,
    model,
    generate: generate !== false,
    streamId,
  };
}

/** Of a name that the text has twice only the one that was read goes on: a provider may read the other. */
async function bodyOf(text: string, said: JsonObject, body: JsonObject): Promise<Uint8Array<ArrayBuffer>> {
  await yieldFor(text.length);
  const bytes = new TextEncoder().encode(text);
  let members = 0;
  eachMember(Buffer.from(bytes.buffer), 0, () => {
    members += 1;
  });
  await yieldFor(text.length);
  return members === Object.keys(said).length
    ? patchedJson(bytes, said, body)
    : new TextEncoder().encode(JSON.stringify(body));
}

function refused(message: string, param: string | undefined, streamId: string | undefined): Message {
  return { ok: false, error: { status: 400, kind: 'invalid-request', message, param }, streamId };
}
