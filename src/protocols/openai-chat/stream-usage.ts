/** Usage in streams of Chat Completions, where it is only reported to who asks: asked for, and taken out again for clients that have not. */

import { closeBrace, closeBracket, comma, openBrace } from '../ascii.ts';
import type { StreamUsage } from '../codec.ts';
import { isObject, type JsonObject } from '../json.ts';
import { eachMember, keyOf, type Span, skipSpace } from '../json-span.ts';

const usageKey = Buffer.from('"usage"');
const nullValue = Buffer.from(':null');
const obfuscation = Buffer.from(',"obfuscation":"');
const lineFeed = 10;
const carriageReturn = 13;

/**
 * Whole events without the one that has the usage and no choice, and without `"usage":null` in the others: what the service
 * sends when it is not asked. All other bytes are the same, and events without the word are not copied. Usage beside a choice
 * stays: services that write it there do so unasked.
 * Source: platform.openai.com/docs/api-reference/chat/create, `stream_options.include_usage`.
 */
export function withoutUnaskedUsage(events: Uint8Array): Uint8Array {
  let at: number = Buffer.prototype.indexOf.call(events, usageKey);
  if (at < 0) return events;
  const cuts: Span[] = [];
  // Over the bytes only here: events without the word do not pay for it.
  const buffer = Buffer.from(events.buffer, events.byteOffset, events.byteLength);
  while (at >= 0) {
    let behind = at + usageKey.length;
    if (isLastNull(buffer, at)) {
      behind += nullValue.length;
      cuts.push({ start: at - 1, end: behind });
    } else {
      const line = lineAround(buffer, at);
      const cut = cutOf(buffer, line);
      if (cut !== undefined) {
        // An event that goes as a whole takes with it what was to go of its lines before.
        while ((cuts.at(-1)?.start ?? -1) >= cut.start) cuts.pop();
        cuts.push(cut);
      }
      behind = Math.max(line.end, cut?.end ?? 0);
    }
    at = buffer.indexOf(usageKey, behind);
  }
  return cuts.length === 0 ? events : without(events, cuts);
}

/** Whether `],"usage":null` is there as the end of its event, as OpenAI writes it: most chunks, so without a look at the others. */
function isLastNull(buffer: Buffer, key: number): boolean {
  if (buffer[key - 1] !== comma || buffer[key - 2] !== closeBracket) return false;
  let at = key + usageKey.length;
  if (!standsAt(nullValue, buffer, at)) return false;
  at += nullValue.length;
  if (standsAt(obfuscation, buffer, at)) {
    at += obfuscation.length;
    while (isWordByte(buffer[at])) at += 1;
    // Its closing quote.
    at += 1;
  }
  const next = buffer[at + 1];
  return buffer[at] === closeBrace && (next === lineFeed || next === carriageReturn || next === undefined);
}

function standsAt(word: Buffer, buffer: Buffer, from: number): boolean {
  for (let at = 0; at < word.length; at++) if (buffer[from + at] !== word[at]) return false;
  return true;
}

function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

function lineAround(buffer: Buffer, at: number): Span {
  return { start: buffer.lastIndexOf(lineFeed, at) + 1, end: lineFrom(buffer, at).end };
}

function lineFrom(buffer: Buffer, start: number): Span {
  const end = buffer.indexOf(lineFeed, start);
  return { start, end: end < 0 ? buffer.length : end };
}

const field = Buffer.from('data:');

/** What goes of the event with this line: its `usage` where that is null, all of it where it is usage and nothing else. */
function cutOf(buffer: Buffer, line: Span): Span | undefined {
  if (!standsAt(field, buffer, line.start)) return undefined;
  const found: { usage?: Span & { key: number; first: boolean }; choices?: Span } = {};
  let members = 0;
  const json = buffer.subarray(0, line.end);
  eachMember(json, line.start + field.length, (key, keyEnd, start, end) => {
    if (keyEnd - key === usageKey.length && standsAt(usageKey, buffer, key))
      found.usage = { key, start, end, first: members === 0 };
    else if (buffer.toString('latin1', key, keyEnd) === '"choices"') found.choices = { start, end };
    members += 1;
  });
  const { usage, choices } = found;
  if (usage === undefined) return undefined;
  if (buffer[usage.start] === openBrace)
    return choices === undefined || isEmpty(buffer, choices) ? eventAround(buffer, line) : undefined;
  if (buffer.toString('latin1', usage.start, usage.end) !== 'null') return undefined;
  if (!usage.first) return { start: buffer.lastIndexOf(comma, usage.key), end: usage.end };
  const behind = skipSpace(buffer, usage.end);
  return { start: usage.key, end: buffer[behind] === comma ? skipSpace(buffer, behind + 1) : usage.end };
}

/** Whether the value is an empty list, or null. */
function isEmpty(buffer: Buffer, { start, end }: Span): boolean {
  return (
    buffer[skipSpace(buffer, start + 1)] === closeBracket || buffer.toString('latin1', start, end) === 'null'
  );
}

/** The event with this line, its blank line included. */
function eventAround(buffer: Buffer, line: Span): Span {
  let { start, end } = line;
  while (start > 0) {
    const before = { start: start < 2 ? 0 : buffer.lastIndexOf(lineFeed, start - 2) + 1, end: start - 1 };
    if (isBlank(buffer, before)) break;
    start = before.start;
  }
  while (end < buffer.length) {
    const next = lineFrom(buffer, end + 1);
    end = next.end;
    if (isBlank(buffer, next)) break;
  }
  return { start, end: Math.min(end + 1, buffer.length) };
}

function isBlank(buffer: Buffer, { start, end }: Span): boolean {
  return start === end || (end - start === 1 && buffer[start] === carriageReturn);
}

function without(bytes: Uint8Array, cuts: readonly Span[]): Uint8Array {
  const rest = new Uint8Array(cuts.reduce((size, { start, end }) => size - (end - start), bytes.length));
  let from = 0;
  let at = 0;
  for (const { start, end } of cuts) {
    const kept = bytes.subarray(from, start);
    rest.set(kept, at);
    at += kept.length;
    from = end;
  }
  rest.set(bytes.subarray(from), at);
  return rest;
}

/** The `stream_options` of a body that asks for usage. */
const withUsage = { include_usage: true } as const;
const asking = 'include_usage';

/** The `stream_options` to send instead of the client's; undefined where these ask for usage, or are nothing that one could add to. */
function usageOptions(own: JsonObject[string] | undefined): JsonObject | undefined {
  if (own === undefined || own === null) return withUsage;
  if (!isObject(own) || own.include_usage === true) return undefined;
  return { ...own, ...withUsage };
}

/** {@link Codec.streamUsage}: platform.openai.com/docs/api-reference/chat/create, `stream_options`. */
export const streamUsage: StreamUsage = {
  member: 'stream_options',
  edit(body, options) {
    if (options === undefined) {
      const behindBrace = body.indexOf(0x7b) + 1;
      return { start: behindBrace, end: behindBrace, text: `"stream_options":${JSON.stringify(withUsage)},` };
    }
    const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const says = ({ start, end }: Span, word: string): boolean =>
      end - start === word.length && buffer.toString('latin1', start, end) === word;
    if (says(options, 'null')) return { ...options, text: JSON.stringify(withUsage) };
    if (buffer[options.start] !== openBrace) return undefined;
    // The rest of them may be long: it stays as it is written.
    let members = 0;
    let own: Span | undefined;
    eachMember(buffer, options.start, (keyStart, keyEnd, start, end) => {
      members += 1;
      if (keyOf(buffer, keyStart, keyEnd, asking.length) === asking) own = { start, end };
    });
    if (own !== undefined) return says(own, 'true') ? undefined : { ...own, text: 'true' };
    const behindBrace = options.start + 1;
    return {
      start: behindBrace,
      end: behindBrace,
      text: `"${asking}":true${members > 0 ? ',' : ''}`,
    };
  },
  asked: (body) => ({ ...body, stream_options: usageOptions(body.stream_options) ?? withUsage }),
  refused: ({ stream_options: _refused, ...rest }) => rest,
  hidden: withoutUnaskedUsage,
};
