/** The event stream of `POST /v1/messages` → canonical events. */

import { checkEvent, placeOf, usualAnswerBounds } from '../answer-bounds.ts';
import { type DecodeContext, type Emit, isProtocolError, type StreamDecoder } from '../codec.ts';
import { argumentsToCustomInput } from '../custom-tool.ts';
import { eventValue, parseOpaque } from '../exact-numbers.ts';
import { unfoldResponse } from '../fold.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObject, asString, unknownFields } from '../json-members.ts';
import type { Part } from '../model.ts';
import type { ProtocolError } from '../protocol-error.ts';
import { repeatedEvent } from '../repeated-event.ts';
import { doneMark, type SseEvent } from '../sse.ts';
import { decodeCitation } from './citations.ts';
import { decodeBlock, readSignature, type ToolReader } from './content-decode.ts';
import { decodeErrorObject } from './errors.ts';
import { decodeFinish } from './finish.ts';
import { exactMembers, protocol } from './kept-fields.ts';
import type { KeyReader } from './key-reader.ts';
import { decodeResponse, guarded, malformed, messageFields } from './response.ts';
import { toolReader } from './tools.ts';
import { decodeUsage } from './usage.ts';

/** A block that must be whole before it is emitted: native parts, and calls of custom tools. */
interface Held {
  block: JsonObject;
  json: string[];
}

/** Reads one stream. `message_stop` ends it; a stream without one is cut, which the caller sees by the missing `end`. */
export function streamDecoder(context: DecodeContext): StreamDecoder {
  const tools = toolReader(context.request);
  const { bounds = usualAnswerBounds } = context;
  const held = new Map<number, Held>();
  /** Calls that have had no input yet, with the input that they began with. */
  const awaiting = new Map<number, string>();
  /** Calls whose property names were mapped. */
  const renamed = new Map<number, KeyReader>();
  let fields: JsonObject = {};
  /** Those and the fields that the end brings. */
  let last: JsonObject | undefined;
  let usageFields = 0;
  let usage: JsonObject = {};
  const repeated = repeatedEvent();
  let emitMore = (_text: string, _emit: Emit): void => {};
  let over = false;

  function fail(error: ProtocolError, emit: Emit): void {
    over = true;
    emit({ type: 'error', error });
  }

  function start(message: JsonObject, emit: Emit): void {
    fields = unknownFields(message, messageFields) ?? {};
    usage = { ...asObject(message.usage) };
    emit({
      type: 'start',
      id: asString(message.id) ?? '',
      model: asString(message.model) ?? '',
      ...(message.usage !== undefined && { usage: decodeUsage(usage) }),
      extra: { protocol, fields },
    });
  }

  function blockStart(index: number, value: Json | undefined, emit: Emit): void {
    const block = asObject(value) ?? {};
    const part = guarded((): Part => decodeBlock(block, `content.${index}`, tools));
    if ('status' in part) {
      fail(part, emit);
      return;
    }
    beginPart(index, block, part, emit);
  }

  function beginPart(index: number, block: JsonObject, part: Part, emit: Emit): void {
    switch (part.type) {
      case 'text': {
        const { text, ...rest } = part;
        emit({ type: 'part-start', index, part: { ...rest, text: '' } });
        if (text.length > 0) emit({ type: 'delta', index, text });
        break;
      }
      case 'reasoning': {
        if (part.redacted) {
          emit({ type: 'part-start', index, part });
          break;
        }
        emit({ type: 'part-start', index, part: { type: 'reasoning', text: '' } });
        if (part.text.length > 0) emit({ type: 'delta', index, text: part.text });
        if (part.signature !== undefined) emit({ type: 'signature', index, signature: part.signature });
        break;
      }
      case 'tool-call':
        if (part.kind === 'custom') {
          held.set(index, { block, json: [] });
          break;
        }
        awaiting.set(index, part.input);
        beginNames(index, part.name);
        emit({ type: 'part-start', index, part: { ...part, input: '' } });
        break;
      default:
        held.set(index, { block, json: [] });
    }
  }

  function blockDelta(index: number, delta: JsonObject, emit: Emit): void {
    const whole = held.size > 0 ? held.get(index) : undefined;
    if (whole !== undefined) {
      growHeld(whole, delta);
      return;
    }
    switch (delta.type) {
      case 'text_delta':
        if (typeof delta.text === 'string') emit({ type: 'delta', index, text: delta.text });
        break;
      case 'thinking_delta':
        if (typeof delta.thinking === 'string') emit({ type: 'delta', index, text: delta.thinking });
        break;
      case 'input_json_delta':
        if (typeof delta.partial_json !== 'string' || delta.partial_json.length === 0) break;
        if (awaiting.size > 0) awaiting.delete(index);
        emitInput(index, delta.partial_json, emit);
        break;
      case 'signature_delta': {
        const signature = readSignature(asString(delta.signature) ?? '');
        if (signature !== undefined) emit({ type: 'signature', index, signature });
        break;
      }
      case 'citations_delta': {
        const citation = asObject(delta.citation);
        if (citation !== undefined) emit({ type: 'citation', index, citation: decodeCitation(citation) });
        break;
      }
    }
  }

  function beginNames(index: number, name: string): void {
    const reader = tools.properties(name)?.reader();
    if (reader !== undefined) renamed.set(index, reader);
  }

  function emitInput(index: number, json: string, emit: Emit): void {
    const reader = renamed.size > 0 ? renamed.get(index) : undefined;
    const text = reader === undefined ? json : reader.push(json);
    if (text.length > 0) emit({ type: 'delta', index, text });
  }

  /** Text, thinking and the input of calls come in events that differ in nothing else. */
  function learn(data: string, index: number, { type, ...fields }: JsonObject): void {
    const [[key, text] = [''], ...others] = Object.entries(fields);
    if (typeof text !== 'string' || others.length > 0) {
      repeated.forget();
      return;
    }
    repeated.learn(data, key, text);
    const grows = type === 'text_delta' || type === 'thinking_delta';
    emitMore =
      grows && !held.has(index)
        ? (more, emit) => emit({ type: 'delta', index, text: more })
        : (more, emit) => blockDelta(index, { type, [key]: more }, emit);
  }

  function blockStop(index: number, emit: Emit): void {
    const whole = held.get(index);
    if (whole !== undefined) {
      held.delete(index);
      emitHeld(index, whole, tools, emit);
    }
    const rest = renamed.get(index)?.end() ?? '';
    renamed.delete(index);
    if (rest.length > 0) emit({ type: 'delta', index, text: rest });
    const input = awaiting.get(index);
    if (input !== undefined) {
      awaiting.delete(index);
      emit({ type: 'delta', index, text: input });
    }
    emit({ type: 'part-end', index });
  }

  function messageDelta(event: JsonObject, emit: Emit): void {
    const delta = asObject(event.delta) ?? {};
    const counts = asObject(event.usage);
    if (counts !== undefined) {
      for (const key in counts) {
        if (counts[key] === null) continue;
        if (!Object.hasOwn(usage, key) && ++usageFields > mostUsageFields) continue;
        usage[key] = counts[key];
      }
      emit({ type: 'usage', usage: decodeUsage(usage) });
    }
    // Those of the start have been emitted: the copy is made once, however many of these events come.
    last ??= { ...fields };
    Object.assign(last, unknownFields(event, deltaEventFields), unknownFields(delta, deltaFields));
    if (delta.stop_reason === undefined) return;
    emit({
      type: 'finish',
      finish: decodeFinish(delta.stop_reason, delta.stop_sequence),
      extra: { protocol, fields: last },
    });
  }

  return {
    decode(event: SseEvent, emit: Emit): void {
      if (over || event.data === doneMark) return;
      const text = repeated.textIn(event.data);
      if (text !== undefined) {
        emitMore(text, emit);
        return;
      }
      const value = asObject(eventValue(event, exactMembers));
      if (value === undefined) {
        fail(malformed(`its stream has ${JSON.stringify(event.data.slice(0, 200))}`), emit);
        return;
      }
      checkEvent(value, bounds, event.data.length);
      switch (value.type) {
        case 'content_block_delta': {
          const index = placeOf(value.index, 0, bounds);
          const delta = asObject(value.delta) ?? {};
          blockDelta(index, delta, emit);
          learn(event.data, index, delta);
          break;
        }
        case 'message_start':
          start(asObject(value.message) ?? {}, emit);
          break;
        case 'content_block_start':
          blockStart(placeOf(value.index, 0, bounds), value.content_block, emit);
          break;
        case 'content_block_stop':
          blockStop(placeOf(value.index, 0, bounds), emit);
          break;
        case 'message_delta':
          messageDelta(value, emit);
          break;
        case 'message_stop':
          over = true;
          emit({ type: 'end' });
          break;
        case 'message':
          // Some deployments answer a streaming call with one event that holds the whole message.
          over = true;
          emitWhole(value, context, emit);
          break;
        default:
          if (value.type === 'error' || value.error !== undefined)
            fail(decodeErrorObject(undefined, value), emit);
      }
    },
    decodeKnown(stream, at, emit) {
      const found = over ? undefined : repeated.inStream(stream, at);
      if (found === undefined) return -1;
      emitMore(found.text, emit);
      return found.end;
    },
    end() {
      over = true;
    },
  };
}

/** Names of counts that the end may bring: each event repeats what has been counted. */
const mostUsageFields = 64;

const deltaEventFields = new Set(['type', 'delta', 'usage']);
const deltaFields = new Set(['stop_reason', 'stop_sequence']);

function emitWhole(message: JsonObject, context: DecodeContext, emit: Emit): void {
  const response = decodeResponse(message, context);
  if (isProtocolError(response)) emit({ type: 'error', error: response });
  else unfoldResponse(response, emit);
}

/** Adds a delta to a held block: JSON pieces are gathered, the other fields' strings grow. */
function growHeld(whole: Held, delta: JsonObject): void {
  if (delta.type === 'input_json_delta') {
    whole.json.push(asString(delta.partial_json) ?? '');
    return;
  }
  const block: JsonObject = { ...whole.block };
  for (const key in delta) {
    if (key === 'type') continue;
    const own = block[key];
    const more = delta[key];
    block[key] = typeof own === 'string' && typeof more === 'string' ? own + more : more;
  }
  whole.block = block;
}

function emitHeld(index: number, whole: Held, tools: ToolReader, emit: Emit): void {
  const json = whole.json.join('');
  const input = json.length > 0 ? (parseOpaque(json) ?? json) : undefined;
  const block: JsonObject = input === undefined ? whole.block : { ...whole.block, input };
  const part = decodeBlock(block, `content.${index}`, tools);
  if (part.type === 'tool-call') {
    const text = part.kind === 'custom' && json.length > 0 ? argumentsToCustomInput(json) : part.input;
    emit({ type: 'part-start', index, part: { ...part, input: '' } });
    if (text.length > 0) emit({ type: 'delta', index, text });
    return;
  }
  emit({ type: 'part-start', index, part });
}
