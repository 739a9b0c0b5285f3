/** Reads a stream of `chat.completion.chunk` objects, as OpenAI and the servers that follow it send them. */

import { checkEvent, inOrder, placeOf, usualAnswerBounds } from '../answer-bounds.ts';
import type { DecodeContext, Emit, StreamDecoder } from '../codec.ts';
import { isCustomTool } from '../custom-tool.ts';
import { eventValue } from '../exact-numbers.ts';
import { InvalidRequest } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';
import type { ProtocolError } from '../protocol-error.ts';
import { repeatedEvent } from '../repeated-event.ts';
import { doneMark } from '../sse.ts';
import { shortHash } from '../tool-names.ts';
import { type ChoiceDecoder, choiceDecoder } from './choice-decode.ts';
import { decodeErrorObject } from './errors.ts';
import { exactMembers, own, protocol, rest } from './kept-fields.ts';
import { malformed, spelledAsText, spokenType } from './response.ts';
import { answerCalls } from './tool-calls.ts';
import { decodeUsage, usageIn } from './usage.ts';

const chunkFields = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'obfuscation', 'error']);
/** Padding that hides how long the text of a chunk is. */
const passing = ['obfuscation'];
const choiceFields = new Set(['index', 'delta', 'message', 'finish_reason', 'logprobs', 'usage', 'text']);

/**
 * A reader for one stream. Tolerates what compatible servers do: missing ids and indexes, usage in any chunk, whole tool
 * calls, no `[DONE]` behind a finish reason.
 */
export function streamDecoder({ request, bounds = usualAnswerBounds }: DecodeContext): StreamDecoder {
  let seed = '';
  const reading = answerCalls(request, () => seed);
  const translated = own(request.extra) === undefined;
  const buffered = (name: string): boolean => translated && isCustomTool(request, name);
  const audioType = spokenType(request);
  const choices = new Map<number, ChoiceDecoder>();
  let nextIndex = 0;
  let started = false;
  /** The service tier that the chunks have named last. */
  let tier: Json | undefined;
  let over = false;
  const extra: JsonObject = {};
  const repeated = repeatedEvent(passing);
  let emitMore = (_text: string, _emit: Emit): void => {};

  function choiceAt(wire: Json | undefined): ChoiceDecoder {
    const index = placeOf(wire, 0, bounds);
    const known = choices.get(index);
    if (known !== undefined) return known;
    const made = choiceDecoder({ index, reading, buffered, audioType, bounds, newIndex: () => nextIndex++ });
    choices.set(index, made);
    return made;
  }

  function fail(error: ProtocolError, emit: Emit): void {
    over = true;
    emit({ type: 'error', error });
  }

  function start(chunk: JsonObject, emit: Emit): void {
    const id = asString(chunk.id) ?? '';
    if (!started) Object.assign(extra, rest(chunk, chunkFields));
    if (started || (id === '' && asObjects(chunk.choices).length === 0)) return;
    started = true;
    seed = id || shortHash(JSON.stringify(chunk));
    const created = asNumber(chunk.created);
    emit({
      type: 'start',
      id,
      model: asString(chunk.model) || request.model,
      ...(created !== undefined && { created }),
      extra: { protocol, fields: extra },
    });
  }

  function finish(choice: ChoiceDecoder, wire: JsonObject | undefined, chunk: JsonObject, emit: Emit): void {
    const fields = { ...extra, ...rest(chunk, chunkFields) };
    const kept = wire === undefined ? undefined : rest(wire, choiceFields);
    choice.finish(
      asString(wire?.finish_reason),
      { fields, ...(kept && { originalForm: { choices: [kept] } }) },
      emit,
    );
  }

  function take(chunk: JsonObject, emit: Emit): void {
    start(chunk, emit);
    const { choices: wire } = chunk;
    let failure = chunk.error ? chunk : undefined;
    if (Array.isArray(wire)) {
      for (const item of wire) {
        if (!isObject(item)) continue;
        const choice = choiceAt(item.index);
        const delta = item.delta ?? item.message ?? spelledAsText(item);
        if (isObject(delta)) choice.take(delta, emit);
        if (isObject(item.logprobs)) choice.takeLogprobs(item.logprobs, emit);
        if (item.finish_reason && chunk.error === undefined && item.error === undefined)
          finish(choice, item, chunk, emit);
        if (isObject(item.error)) failure ??= item;
      }
    }
    if (failure !== undefined) {
      fail(decodeErrorObject(undefined, failure), emit);
      return;
    }
    tier = chunk.service_tier ?? tier;
    const counted = decodeUsage(usageIn(chunk), tier);
    if (counted !== undefined) emit({ type: 'usage', usage: counted });
  }

  /** Text, reasoning and arguments come in chunks that differ in nothing else. */
  function learn(data: string, chunk: JsonObject): void {
    const [item, ...others] = asObjects(chunk.choices);
    const grown = item && growth(item);
    const plain = others.length === 0 && !chunk.usage && !chunk.x_groq;
    if (grown === undefined || !plain || over) {
      repeated.forget();
      return;
    }
    repeated.learn(data, grown.key, grown.text);
    const choice = choiceAt(item?.index);
    emitMore =
      grown.key === 'content' ? choice.takeText : (text, emit) => choice.take(grown.delta(text), emit);
  }

  /**
   * The answer is complete: choices without a finish reason count as complete, where there is anything of the
   * answer.
   */
  function complete(emit: Emit): void {
    over = true;
    const all = inOrder(choices);
    if (all.some(([, choice]) => choice.finished() || choice.hasSaid()))
      for (const [, choice] of all) finish(choice, undefined, {}, emit);
    emit({ type: 'end' });
  }

  return {
    decode(given, emit) {
      const { event, data } = given;
      if (over || data === '') return;
      if (data === doneMark) {
        if (started) complete(emit);
        return;
      }
      const text = repeated.textIn(data);
      if (text !== undefined) {
        emitMore(text, emit);
        return;
      }
      const chunk = eventValue(given, exactMembers);
      if (!isObject(chunk)) {
        const message = `The upstream's stream holds data that is no JSON object: ${data.slice(0, 200)}`;
        fail({ status: 502, kind: 'server', message, code: 'invalid_stream' }, emit);
        return;
      }
      checkEvent(chunk, bounds, data.length);
      if (event === 'error' && chunk.error === undefined) {
        fail(decodeErrorObject(undefined, chunk), emit);
        return;
      }
      try {
        take(chunk, emit);
        learn(data, chunk);
      } catch (cause) {
        if (!(cause instanceof InvalidRequest)) throw cause;
        fail(malformed(cause), emit);
      }
    },
    decodeKnown(stream, at, emit) {
      const found = over ? undefined : repeated.inStream(stream, at);
      if (found === undefined) return -1;
      emitMore(found.text, emit);
      return found.end;
    },
    end(emit) {
      if (!over && [...choices.values()].some((choice) => choice.finished())) complete(emit);
    },
  };
}

/** A delta with only one text: the text and its key, and a delta with another text in its place. */
interface Growth {
  key: string;
  text: string;
  delta(text: string): JsonObject;
}

/** The delta of a choice without other contents: its further members are empty, or repeat the role. */
function growth(item: JsonObject): Growth | undefined {
  if (item.finish_reason || item.usage || item.error || item.logprobs) return undefined;
  const delta = asObject(item.delta) ?? {};
  let said: string | undefined;
  for (const key in delta) {
    if (key === 'role' || !delta[key]) continue;
    if (said !== undefined) return undefined;
    said = key;
  }
  switch (said) {
    case 'content':
    case 'reasoning_content':
    case 'reasoning':
    case 'refusal': {
      const key = said;
      const text = delta[key];
      return typeof text === 'string' ? { key, text, delta: (more) => ({ [key]: more }) } : undefined;
    }
    case 'tool_calls':
      return growthOfCall(delta.tool_calls);
    default:
      return undefined;
  }
}

/** More arguments of one call. */
function growthOfCall(calls: Json | undefined): Growth | undefined {
  const [call, ...others] = asObjects(calls);
  const inner = asObject(call?.function);
  if (others.length > 0 || typeof inner?.arguments !== 'string') return undefined;
  const delta = (more: string): JsonObject => ({
    tool_calls: [{ ...call, function: { ...inner, arguments: more } }],
  });
  return { key: 'arguments', text: inner.arguments, delta };
}
