/** A kept answer as the stream of its events, as clients ask for one that they have lost their connection to. */
import { parsedYielding } from '../../gateway/json-body.ts';
import { streamOfWhole } from '../../gateway/translate-whole.ts';
import { runYielding } from '../../ground/steps.ts';
import { isProtocolError } from '../../protocols/codec.ts';
import { isObject } from '../../protocols/json.ts';
import { asNumber, asString } from '../../protocols/json-members.ts';
import { codecs } from '../../protocols/registry.ts';
import { sseReader, sseText } from '../../protocols/sse.ts';
import { protocol, state } from './protocol.ts';

/**
 * The events of an answer behind the one with the number `after`, all with -1. The last has the answer as it is kept, `json`, and comes in
 * any case: the stream that the client had may have had more events, for each text came in many.
 */
export async function storedStream(json: string, after: number): Promise<string> {
  const answer = await parsedYielding(json);
  if (!isObject(answer)) throw new Error('a kept answer is no object');
  const codec = codecs[protocol];
  const model = asString(answer.model) ?? '';
  const request = codec.decodeRequest({ model, input: [] }, { model, stream: true });
  const begun = codec.decodeResponse(state.stored.begun(answer), { request });
  if (isProtocolError(begun)) throw new Error(`a kept answer cannot be read: ${begun.message}`);
  const text = await runYielding(
    streamOfWhole(codec, begun, {
      request,
      model,
      // An answer that is kept has its own ids and times.
      unixSeconds: () => asNumber(answer.created_at) ?? 0,
      newId: (prefix) => `${prefix}_${asString(answer.id)}`,
    }),
  );
  const events: string[] = [];
  const reader = sseReader(({ event, data }) => void events.push(sseText(data, event)));
  reader.push(new TextEncoder().encode(text));
  events.pop();
  const last = state.stored.endEvent(answer, json, Math.max(events.length, after + 1));
  return events.slice(after + 1).join('') + last;
}
