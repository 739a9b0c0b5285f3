/** A client's message over a WebSocket, read. */
import type { Bounds } from '../../config/bounds.ts';
import { parsedYielding } from '../../gateway/json-body.ts';
import { jsonInTurns } from '../../gateway/text-in-turns.ts';
import { isHeavierInTurns } from '../../gateway/weight-in-turns.ts';
import { yieldFor } from '../../gateway/yield-for.ts';
import { runYielding } from '../../ground/steps.ts';
import { isDeeper } from '../../protocols/answer-bounds.ts';
import type { LastAnswer } from '../../protocols/conversation-state.ts';
import { isObject, type JsonObject } from '../../protocols/json.ts';
import { patchingJson } from '../../protocols/json-patch.ts';
import { eachMember } from '../../protocols/json-span.ts';
import { requestWeights } from '../../protocols/json-weight.ts';
import { badRequest, type ProtocolError } from '../../protocols/protocol-error.ts';
import { tooManyValues } from '../request-body.ts';
import { twoModels } from '../request-errors.ts';
import { state } from './protocol.ts';

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

/**
 * Reads a message; a long one while yielding to others. What belongs to the transport and not to the request is left out.
 */
export async function readMessage(
  text: string,
  last: LastAnswer | undefined,
  { nesting: levels, 'json-values': mostValues }: Pick<Bounds, 'nesting' | 'json-values'>,
): Promise<Message> {
  if (await isHeavierInTurns(mostValues, text, requestWeights))
    return { ok: false, error: tooManyValues(mostValues), streamId: undefined };
  const value = await parsedYielding(text);
  if (text.length >= 2 * levels && isDeeper(value, levels))
    return refused(`A message is nested deeper than ${levels} levels (bounds.nesting).`);
  if (!isObject(value)) return refused('A message must be a JSON object.');
  const named = state.streamIdOf(value);
  if (!named.ok) return { ...named, streamId: undefined };
  const { streamId } = named;
  const asked = state.socketRequest(value, last);
  if (!asked.ok) return { ...asked, streamId };
  const { settings, model, generate } = asked;
  // A second `model` has gone with the parsing of the message; one in other letters would go on to the provider.
  const lookalike = Object.keys(settings).find((key) => key !== 'model' && key.toLowerCase() === 'model');
  if (lookalike !== undefined) return { ok: false, error: twoModels(lookalike), streamId };
  return {
    ok: true,
    body: await bodyOf(text, value, asked.body),
    settings,
    model,
    generate,
    streamId,
  };
}

/** Of a name that the text has twice only the one that was read goes on: a provider may read the other. */
async function bodyOf(text: string, own: JsonObject, body: JsonObject): Promise<Uint8Array<ArrayBuffer>> {
  await yieldFor(text.length);
  const bytes = new TextEncoder().encode(text);
  let members = 0;
  eachMember(Buffer.from(bytes.buffer), 0, () => {
    members += 1;
  });
  await yieldFor(text.length);
  return members === Object.keys(own).length
    ? runYielding(patchingJson(bytes, own, body))
    : new TextEncoder().encode(await jsonInTurns(body, text.length));
}

function refused(message: string): Message {
  return { ok: false, error: badRequest(message), streamId: undefined };
}
