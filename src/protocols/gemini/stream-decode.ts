/** The event stream of `streamGenerateContent` → canonical events. */

import { checkEvent, usualAnswerBounds } from '../answer-bounds.ts';
import type { DecodeContext, StreamDecoder } from '../codec.ts';
import { eventValue } from '../exact-numbers.ts';
import { type Json, type JsonObject, parseJson } from '../json.ts';
import { asObject } from '../json-members.ts';
import { repeatedEvent } from '../repeated-event.ts';
import { doneMark } from '../sse.ts';
import { chunkDecoder } from './chunk-decode.ts';
import { exactMembers } from './kept-fields.ts';

/** Each chunk counts anew. Only the last counts are those of the answer. */
const passing = [
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'toolUsePromptTokenCount',
  'cachedContentTokenCount',
  'totalTokenCount',
];

/** Reads the event stream (`alt=sse`). What is not JSON ends it with an error. */
export function streamDecoder(context: DecodeContext): StreamDecoder {
  const decoder = chunkDecoder(context);
  const { bounds = usualAnswerBounds } = context;
  const repeated = repeatedEvent(passing);
  /** The last chunk that was not parsed: what it counts is read when the next is, or when there is none. */
  let unread = '';
  let failed = false;

  function readCounts(): void {
    const chunk = unread === '' ? undefined : chunkOf(parseJson(unread));
    if (chunk !== undefined) decoder.readAround(chunk);
    unread = '';
  }

  return {
    decode(event, emit) {
      const { data } = event;
      if (failed || data.length === 0 || data === doneMark) return;
      const text = repeated.textIn(data);
      if (text !== undefined) {
        unread = data;
        decoder.more(text, emit);
        return;
      }
      readCounts();
      const chunk = chunkOf(eventValue(event, exactMembers));
      if (chunk !== undefined) {
        checkEvent(chunk, bounds, data.length);
        const grown = decoder.push(chunk, emit);
        if (grown === undefined) repeated.forget();
        else repeated.learn(data, 'text', grown);
        return;
      }
      failed = true;
      const message = `The upstream sent a chunk that is not JSON: ${data.slice(0, 200)}`;
      emit({ type: 'error', error: { status: 502, kind: 'server', message } });
    },
    decodeKnown(stream, at, emit) {
      const found = failed ? undefined : repeated.inStream(stream, at);
      if (found === undefined) return -1;
      unread = stream.slice(at, found.end);
      decoder.more(found.text, emit);
      return found.end;
    },
    end(emit) {
      if (failed) return;
      readCounts();
      decoder.end(emit);
    },
  };
}

function chunkOf(value: Json | undefined): JsonObject | undefined {
  return asObject(Array.isArray(value) ? value[0] : value);
}
