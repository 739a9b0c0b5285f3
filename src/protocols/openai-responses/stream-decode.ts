/** The event stream of `POST /v1/responses` → canonical stream events. */

import { checkEvent, countItems, inOrder, placeOf, usualAnswerBounds } from '../answer-bounds.ts';
import type { DecodeContext, Emit, StreamDecoder } from '../codec.ts';
import { eventValue } from '../exact-numbers.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';
import { noAnswer } from '../no-answer.ts';
import { repeatedEvent } from '../repeated-event.ts';
import { doneMark } from '../sse.ts';
import { decodeErrorObject } from './errors.ts';
import { decodeFinish } from './finish.ts';
import { exactMembers } from './kept-fields.ts';
import { joinsMessages } from './message-gap.ts';
import { failureOf, holdsAnswer, responseExtra } from './response.ts';
import {
  type Answer,
  emitAnnotation,
  emitReasoning,
  emitRemaining,
  emitRemainingReasoning,
  emitText,
  endItem,
  type OpenItem,
  openContentAt,
  openItem,
} from './stream-items.ts';
import { answerNames } from './tools.ts';
import { decodeUsage } from './usage.ts';

/** Each event has its own number, and padding that hides how long its text is. */
const passing = ['sequence_number', 'obfuscation'];

/** Announces the start of the answer once more, and repeats the whole request: with an agent's tools, tens of kilobytes. */
const goesOn = '{"type":"response.in_progress",';

/** Reads one stream. Events that only inform (`keepalive`, `codex.rate_limits`, progress of hosted tools) are passed over. */
export function streamDecoder(context: DecodeContext): StreamDecoder {
  const { bounds = usualAnswerBounds } = context;
  const answer: Answer = {
    bounds,
    filled: 0,
    names: answerNames(context.request),
    nextIndex: 0,
    hasCalls: false,
    signature: undefined,
    gaps: joinsMessages(context.request),
    said: false,
  };
  /** By `output_index`. */
  const items = new Map<number, OpenItem>();
  /** One behind the last of them. */
  let behind = 0;
  const repeated = repeatedEvent(passing);
  let repeatedName: string | undefined;
  let emitMore = (_text: string, _emit: Emit): void => {};
  let started = false;
  let ended = false;

  function start(response: JsonObject, emit: Emit): void {
    if (started) return;
    started = true;
    const created = asNumber(response.created_at);
    emit({
      type: 'start',
      id: asString(response.id) ?? '',
      model: asString(response.model) ?? '',
      ...(created !== undefined && { created }),
      extra: responseExtra(response),
    });
  }

  /** The item that an event names; one whose beginning did not come begins now. */
  function itemOf(event: JsonObject, type: string, emit: Emit): OpenItem {
    const at = placeOf(event.output_index, 0, bounds);
    const open = items.get(at);
    if (open !== undefined) return open;
    start({}, emit);
    return itemAt(at, { type, id: event.item_id }, emit);
  }

  /** The item at a place; it begins with `added` where it has not begun. */
  function itemAt(at: number, added: JsonObject, emit: Emit): OpenItem {
    const open = items.get(at);
    if (open !== undefined) return open;
    countItems(at + 1, bounds);
    const item = openItem(added, answer, emit);
    items.set(at, item);
    behind = Math.max(behind, at + 1);
    return item;
  }

  function finish(event: JsonObject, emit: Emit): void {
    const response = asObject(event.response) ?? {};
    const failure = failureOf(response);
    if (failure !== undefined) {
      fail(emit, failure);
      return;
    }
    // Items that had their own events are not repeated at the end.
    if (items.size === 0 && !holdsAnswer(response)) {
      fail(emit, noAnswer('output'));
      return;
    }
    start(response, emit);
    const output = asObjects(response.output);
    // Items without events of their own; those without an end get the one here.
    output.forEach((whole, at) => {
      endItem(itemAt(at, whole, emit), whole, answer, emit);
    });
    for (const [, item] of inOrder(items)) endItem(item, item.added, answer, emit);
    const usage = decodeUsage(response);
    if (usage !== undefined) emit({ type: 'usage', usage });
    const end = decodeFinish(response, []);
    const reason = end.reason === 'stop' && answer.hasCalls ? 'tool-calls' : end.reason;
    emit({ type: 'finish', finish: { ...end, reason }, extra: responseExtra(response) });
    ended = true;
    emit({ type: 'end' });
  }

  function fail(emit: Emit, error: ReturnType<typeof decodeErrorObject>): void {
    ended = true;
    emit({ type: 'error', error });
  }

  function decodeEvent(type: string, event: JsonObject, emit: Emit): void {
    switch (type) {
      case 'response.output_text.delta':
        emitText(contentOf(event, false, emit), asString(event.delta) ?? '', emit);
        break;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta': {
        const { call } = itemOf(event, 'function_call', emit);
        if (call !== undefined) emitText(call, asString(event.delta) ?? '', emit);
        break;
      }
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta': {
        const place = type === 'response.reasoning_text.delta' ? 'content' : 'summary';
        const at = placeOf(event.summary_index ?? event.content_index, 0, bounds);
        emitReasoning(itemOf(event, 'reasoning', emit), place, at, asString(event.delta) ?? '', answer, emit);
        break;
      }
      case 'response.refusal.delta':
        emitText(contentOf(event, true, emit), asString(event.delta) ?? '', emit);
        break;
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        start(asObject(event.response) ?? {}, emit);
        break;
      case 'response.output_item.added': {
        start({}, emit);
        const item = asObject(event.item);
        if (item !== undefined) itemAt(placeOf(event.output_index, behind, bounds), item, emit);
        break;
      }
      case 'response.output_item.done': {
        start({}, emit);
        const whole = asObject(event.item);
        if (whole === undefined) break;
        endItem(itemAt(placeOf(event.output_index, behind, bounds), whole, emit), whole, answer, emit);
        break;
      }
      case 'response.content_part.added': {
        const kind = asString(asObject(event.part)?.type);
        if (kind === 'output_text' || kind === 'refusal') contentOf(event, kind === 'refusal', emit);
        break;
      }
      case 'response.output_text.done':
        emitRemaining(contentOf(event, false, emit), asString(event.text) ?? '', emit);
        break;
      case 'response.refusal.done':
        emitRemaining(contentOf(event, true, emit), asString(event.refusal) ?? '', emit);
        break;
      case 'response.output_text.annotation.added': {
        const annotation = asObject(event.annotation);
        if (annotation !== undefined) emitAnnotation(contentOf(event, false, emit), annotation, emit);
        break;
      }
      case 'response.reasoning_summary_text.done':
      case 'response.reasoning_text.done': {
        const place = type === 'response.reasoning_text.done' ? 'content' : 'summary';
        const at = placeOf(event.summary_index ?? event.content_index, 0, bounds);
        emitRemainingReasoning(
          itemOf(event, 'reasoning', emit),
          place,
          at,
          asString(event.text) ?? '',
          answer,
          emit,
        );
        break;
      }
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done': {
        const { call } = itemOf(event, 'function_call', emit);
        if (call !== undefined)
          emitRemaining(call, asString(event.arguments) ?? asString(event.input) ?? '', emit);
        break;
      }
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
        finish(event, emit);
        break;
      case 'response.failed':
        fail(
          emit,
          failureOf({ status: 'failed', ...asObject(event.response) }) ?? decodeErrorObject(undefined, event),
        );
        break;
      case 'error':
        fail(emit, decodeErrorObject(undefined, event));
        break;
      default:
        // Compatible upstreams put a bare error object into the stream.
        if (type === '' && event.error !== undefined) fail(emit, decodeErrorObject(undefined, event));
    }
  }

  function contentOf(event: JsonObject, refusal: boolean, emit: Emit) {
    const at = placeOf(event.content_index, 0, bounds);
    return openContentAt(itemOf(event, 'message', emit), at, refusal, answer, emit);
  }

  /** Text, reasoning and arguments come in events that differ in nothing else. */
  function learn(name: string | undefined, data: string, type: string, event: JsonObject): void {
    const { delta, output_index, content_index, summary_index, item_id } = event;
    if (typeof delta !== 'string' || !type.endsWith('.delta')) {
      repeated.forget();
      return;
    }
    repeated.learn(data, 'delta', delta);
    repeatedName = name;
    const openPart = items.get(asNumber(output_index) ?? 0)?.content.get(asNumber(content_index) ?? 0);
    if (type === 'response.output_text.delta' && openPart !== undefined)
      emitMore = (more, emit) => emitText(openPart, more, emit);
    else {
      const place = { output_index, content_index, summary_index, item_id };
      emitMore = (more, emit) => decodeEvent(type, { ...place, delta: more }, emit);
    }
  }

  return {
    decode(given, emit) {
      const { event: name, data } = given;
      if (ended || data === doneMark || data === '') return;
      const text = name === repeatedName ? repeated.textIn(data) : undefined;
      if (text !== undefined) {
        emitMore(text, emit);
        return;
      }
      if (started && data.startsWith(goesOn)) {
        repeated.forget();
        return;
      }
      const event = eventValue(given, exactMembers);
      if (!isObject(event)) {
        fail(emit, {
          status: 502,
          kind: 'server',
          message: `The upstream sent an event that is not a JSON object: ${data.slice(0, 200)}`,
          code: 'invalid_stream',
        });
        return;
      }
      checkEvent(event, bounds, data.length);
      const type = typeof event.type === 'string' ? event.type : (name ?? '');
      decodeEvent(type, event, emit);
      learn(name, data, type, event);
    },
    decodeKnown(stream, at, emit) {
      const found = ended ? undefined : repeated.inStream(stream, at);
      if (found === undefined) return -1;
      emitMore(found.text, emit);
      return found.end;
    },
    end() {
      // Only the terminal event completes the answer.
    },
  };
}
