/**
 * Texts of a recording replaced by filler of the same length and shape: `Hello, Ann 42` is `Xxxxx, Xxx 11`. Each character
 * becomes one of its kind, whatever its context, so that a text in pieces, or inside another format, has the same filler.
 * What programs go by stays: names of fields and tools, roles, reasons, identifiers, numbers.
 */

import { parseJson } from '../protocols/json.ts';
import { doneMark } from '../protocols/sse.ts';
import type { Bundle, Content, RecordedExchange, Streamed } from './bundle.ts';
import { removed } from './removed-secrets.ts';

export function withFiller(bundle: Bundle): Bundle {
  return { ...bundle, filler: true, exchanges: bundle.exchanges.map(filledExchange) };
}

function filledExchange({
  request,
  attempts,
  answer,
  trace,
  ended,
  ...rest
}: RecordedExchange): RecordedExchange {
  return {
    ...rest,
    request: { ...request, body: filledContent(request.body), headers: filledHeaders(request.headers) },
    attempts: attempts.map(({ answer: got, failed, ...attempt }) => ({
      ...attempt,
      body: filledContent(attempt.body),
      headers: filledHeaders(attempt.headers),
      ...(got && { answer: filledAnswer(got) }),
      ...(failed !== undefined && { failed: plainFiller(failed) }),
    })),
    ...(answer && { answer: filledAnswer(answer) }),
    ...(ended !== undefined && { ended }),
    // The messages of providers are among its reasons.
    ...(trace && { trace: JSON.parse(jsonFiller(JSON.stringify(trace), keptInTraces)) }),
  };
}

function filledAnswer(answer: Streamed): Streamed {
  return { ...answer, headers: filledHeaders(answer.headers), body: filledContent(answer.body) };
}

function filledContent({ text, base64, ...rest }: Content): Content {
  if (text === undefined)
    return {
      ...rest,
      base64: Buffer.alloc(Buffer.from(base64 ?? '', 'base64').length, 'x').toString('base64'),
    };
  return { ...rest, text: textFiller(text) };
}

/** A body: JSON, a stream of events, or anything else. */
function textFiller(text: string): string {
  if (parseJson(text) !== undefined) return jsonFiller(text);
  if (!/^(?:data|event):/m.test(text)) return plainFiller(text);
  const fragments: Fragments = new Map();
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      const [, head = '', data = ''] = /^(data:\s?)(.*)$/s.exec(line) ?? [];
      if (head === '') return /^(?:event|id|retry):/.test(line) ? line : plainFiller(line);
      if (data.trim() === doneMark) return line;
      return head + (parseJson(data) === undefined ? plainFiller(data) : jsonFiller(data, kept, fragments));
    })
    .join('');
}

/** Headers whose values are words of the protocols; of all others the owner has written the value. */
const keptHeader =
  /^(?:accept|accept-.*|content-.*|cache-control|connection|transfer-encoding|date|server|user-agent|retry-after|anthropic-(?:version|beta|ratelimit.*|dangerous.*)|openai-(?:beta|version|processing-ms)|x-stainless-.*|x-ratelimit-.*|x-request-id|request-id|x-translation-loss|x-goog-api-client|originator|version)$/;

function filledHeaders(headers: [string, string][]): [string, string][] {
  return headers.map(([name, value]) =>
    keptHeader.test(name) || value === removed ? [name, value] : [name, plainFiller(value)],
  );
}

/** Members whose values are words of the protocol, where they look like one. */
const kept =
  /^(?:type|role|model|modelVersion|object|id|.*_id|responseId|.*Id|finish_reason|finishReason|stop_reason|status|event|name|tool_choice|effort|service_tier|serviceTier|media_type|mimeType|mime_type|format|encoding|detail|code|mode|required|propertyOrdering|level|thinkingLevel|phase|category|probability|modality|severity|quality|background|output_format|response_format|size|voice|include|betas|modalities|responseModalities|mediaResolution|threshold|allowedFunctionNames|allowed_callers|search_context_size|encoding_format|taskType|aspectRatio|ttl|native_finish_reason|stopReason|outcome|execution|require_approval|allowed_tools|responseMimeType|property_ordering|supportedGenerationMethods|trafficType|\$ref)$/;
/** Values that are protocol keywords in any member; as a text they contain nothing private. */
const protocolWords: ReadonlySet<string> = new Set([
  ...['auto', 'none', 'any', 'required', 'enabled', 'disabled', 'default', 'flex', 'priority', 'standard'],
  ...['minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'detailed', 'concise', 'adaptive', 'ephemeral'],
  ...[
    'text',
    'json',
    'json_object',
    'json_schema',
    'object',
    'string',
    'number',
    'integer',
    'boolean',
    'array',
  ],
  ...['stop', 'length', 'in_progress', 'completed', 'incomplete', 'failed', '5m', '1h', '24h', 'in_memory'],
]);
/** Fields that identify a person. */
const personal = /^(?:user_id|account_id|userId|accountId)$/;
const keptInTraces =
  /^(?:id|client|model|operation|strategy|kind|credential|provider|why|by|result|targets|rules)$/;
/** Pieces of a call's arguments: JSON in a text, and in a stream a part of it. */
const argumentsIn = /^(?:arguments|partial_json|input_json)$/;
/** Events whose `delta` is one. */
const argumentEvent = /"type"\s*:\s*"response\.\w+_arguments\.delta"/;

/** The state of arguments that come in pieces, by the name of their member. */
type Fragments = Map<string, NestedJson>;

/** JSON text with its strings replaced, byte for byte as long; names of members stay. */
function jsonFiller(text: string, words: RegExp = kept, fragments: Fragments = new Map()): string {
  const keys: (string | undefined)[] = [];
  let key: string | undefined;
  return text.replace(
    /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\]]/gs,
    (token, body: string | undefined, colon: string | undefined) => {
      if (body === undefined) {
        if (token === '{' || token === '[') keys.push(key);
        else key = keys.pop();
        return token;
      }
      if (colon !== undefined) {
        key = body;
        return token;
      }
      const name = key ?? '';
      if (words.test(name) && !personal.test(name) && /^[\w.:/+-]{0,128}$/.test(body)) return token;
      if (protocolWords.has(body)) return token;
      if (argumentsIn.test(name) || (name === 'delta' && argumentEvent.test(text)))
        return `"${argumentFiller(body, name, fragments)}"`;
      return `"${escapedFiller(body)}"`;
    },
  );
}

function argumentFiller(body: string, name: string, fragments: Fragments): string {
  const whole = isWholeJson(body);
  const nested = whole ? nestedJson() : (fragments.get(name) ?? nestedJson());
  if (!whole) fragments.set(name, nested);
  return nested(body);
}

function isWholeJson(body: string): boolean {
  const text = parseJson(`"${body}"`);
  return typeof text === 'string' && parseJson(text) !== undefined;
}

type NestedJson = (piece: string) => string;

/** JSON in a string of JSON, in pieces: its names and numbers stay. A piece may end anywhere but within an escape of the outer string. */
function nestedJson(): NestedJson {
  const stack: ('{' | '[')[] = [];
  let inString = false;
  let isName = false;
  let expectsName = false;
  let escaped = false;
  /** The digits of an escape of the inner string so far; undefined outside of one. */
  let digits: string | undefined;
  return (piece) =>
    piece.replace(/\\u[0-9a-fA-F]{4}|\\.|[^\\]/gsu, (unit) => {
      if (inString) {
        if (digits !== undefined) {
          digits += unit;
          const filled = isName ? unit : digitFiller(digits);
          if (digits.length === 4) digits = undefined;
          return filled;
        }
        if (escaped) {
          escaped = false;
          if (unit === 'u') digits = '';
          return unit;
        }
        if (unit === '\\\\') {
          escaped = true;
          return unit;
        }
        if (unit === '\\"') {
          inString = false;
          expectsName = false;
          return unit;
        }
        return isName ? unit : escapedFiller(unit);
      }
      if (unit === '\\"') {
        inString = true;
        isName = expectsName;
      } else if (unit === '{' || unit === '[') {
        // A call begins anew.
        if (stack.length > 32) stack.length = 0;
        stack.push(unit);
        expectsName = unit === '{';
      } else if (unit === '}' || unit === ']') {
        stack.pop();
        expectsName = false;
      } else if (unit === ',') expectsName = stack.at(-1) === '{';
      return unit;
    });
}

/** A text within a string of JSON: its escapes stay escapes. */
function escapedFiller(body: string): string {
  return body.replace(/\\u([0-9a-fA-F]{4})|\\.|[^\\]/gsu, (unit, code: string | undefined) => {
    if (code !== undefined) return unicodeFiller(Number.parseInt(code, 16), unit);
    return unit.startsWith('\\') ? unit : characterFiller(unit);
  });
}

function plainFiller(text: string): string {
  return text.replace(/./gsu, characterFiller);
}

/** One of the same kind and as many bytes of UTF-8. */
function characterFiller(character: string): string {
  if (/[a-z]/.test(character)) return 'x';
  if (/[A-Z]/.test(character)) return 'X';
  if (/[0-9]/.test(character)) return '1';
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return character;
  if (code < 0x800) return 'é';
  return code < 0x10000 ? '字' : '😀';
}

/** The last of the digits of an escape, which may come one by one: those of the character that takes its place. */
function digitFiller(digits: string): string {
  const at = digits.length - 1;
  const [first = '', second = ''] = digits.toLowerCase();
  if (first === '0') return (at === 0 ? '0' : second <= '7' ? '00e9' : '0915').at(at) ?? '0';
  if (first === 'd')
    return (at === 0 ? 'd' : second <= '7' ? 'd000' : second <= 'b' ? 'd83d' : 'de00').at(at) ?? '0';
  return '5b57'.at(at) ?? '0';
}

function unicodeFiller(code: number, unit: string): string {
  if (code < 0x80) {
    const filled = characterFiller(String.fromCharCode(code)).charCodeAt(0);
    return filled === code ? unit : `\\u${filled.toString(16).padStart(4, '0')}`;
  }
  if (code < 0x800) return '\\u00e9';
  if (code >= 0xd800 && code < 0xdc00) return '\\ud83d';
  return code >= 0xdc00 && code < 0xe000 ? '\\ude00' : '\\u5b57';
}
