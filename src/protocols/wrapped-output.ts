/**
 * Output schemas whose root is no plain object, for OpenAI ("root schema must be an object and not anyOf":
 * platform.openai.com/docs/guides/structured-outputs): they go out as the one property of an object, and answers come back
 * without that object.
 */
import type { Codec, Emit, LossReport, StreamDecoder, TextReader } from './codec.ts';
import { isProtocolError } from './codec.ts';
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';
import { asString } from './json-members.ts';
import { resolve } from './json-schema.ts';
import type { Part } from './model.ts';
import type { JsonSchema, OutputFormat, Request } from './request.ts';

/** The property that holds what was asked for. */
const member = 'value';

/** Keywords that OpenAI refuses at the root. */
const refused = ['anyOf', 'oneOf', 'allOf', 'not', 'enum', 'const'] as const;

/** The format as OpenAI takes it. */
export function objectOutput(output: OutputFormat): OutputFormat {
  if (output.type !== 'json-schema') return output;
  const root = referred(output.schema);
  if (isPlainObject(root)) return { ...output, schema: typed(root) };
  const { strict, ...format } = { ...output, schema: wrapped(output.schema) };
  // "schema must have a 'type' key": a strict schema cannot leave it open what the value is.
  return strict === undefined || isEmpty(root) ? format : { ...format, strict };
}

/**
 * What OpenAI takes in place of `json_object` where no message has the word JSON, which it then demands ("'messages' must contain
 * the word 'json' in some form"); other protocols' clients ask for JSON without it.
 */
export function wordlessJson(output: OutputFormat, messages: string, report: LossReport): OutputFormat {
  if (output.type !== 'json' || /json/i.test(messages)) return output;
  report(
    'approximated',
    'response_format',
    'a schema of any object: the upstream accepts JSON mode only if a message has the word JSON',
  );
  return { type: 'json-schema', schema: { type: 'object', properties: {}, additionalProperties: true } };
}

/** Types of roots without one follow from their properties. */
function typed(root: JsonSchema): JsonSchema {
  return root.type === undefined && isObject(root.properties) ? { type: 'object', ...root } : root;
}

function isPlainObject(root: JsonSchema): boolean {
  if (refused.some((keyword) => root[keyword] !== undefined) || root.$ref !== undefined) return false;
  return root.type === 'object' || (root.type === undefined && isObject(root.properties));
}

function isEmpty(root: JsonSchema): boolean {
  return Object.keys(root).every((key) => key.startsWith('$') || key === 'title' || key === 'description');
}

/** The root itself where it only refers to one of its definitions. */
function referred(schema: JsonSchema): JsonSchema {
  const { $ref, ...rest } = schema;
  const target = typeof $ref === 'string' ? resolve($ref, schema) : undefined;
  return target === undefined || target === schema ? schema : { ...rest, ...target };
}

function wrapped(schema: JsonSchema): JsonSchema {
  const { $defs, definitions, $schema: _, ...root } = schema;
  return {
    type: 'object',
    properties: { [member]: moved(root) },
    required: [member],
    additionalProperties: false,
    ...($defs !== undefined && { $defs: moved($defs) }),
    ...(definitions !== undefined && { definitions: moved(definitions) }),
  };
}

/** The node with its references led to where the old root is now; definitions stay at the root. */
function moved(node: Json): Json {
  if (Array.isArray(node)) return node.map(moved);
  if (!isObject(node)) return node;
  const copy: JsonObject = {};
  for (const key in node) {
    const value = node[key];
    if (value !== undefined)
      copy[key] = key === '$ref' && typeof value === 'string' ? movedRef(value) : moved(value);
  }
  return copy;
}

function movedRef(ref: string): string {
  if (ref !== '#' && !ref.startsWith('#/')) return ref;
  return /^#\/(\$defs|definitions)\//.test(ref) ? ref : `#/properties/${member}${ref.slice(1)}`;
}

// ---------------------------------------------------------------- answers

/** The codec, with answers in the form that the client asked for. */
export function unwrapping(codec: Codec): Codec {
  return {
    ...codec,
    decodeResponse(body, context) {
      const response = codec.decodeResponse(body, context);
      const form = formOf(codec, context.request);
      if (form === undefined || isProtocolError(response)) return response;
      for (const { parts } of [response, ...(response.others ?? [])])
        for (const part of parts) unwrap(part, form);
      return response;
    },
    streamDecoder(context) {
      const form = formOf(codec, context.request);
      const decoder = codec.streamDecoder(context);
      return form === undefined ? decoder : unwrappedStream(decoder, form);
    },
  };
}

/** What the text of an answer is in. */
interface Form {
  wrapped: boolean;
  /** Makes a reader of what the codec itself changed. */
  reader?: () => TextReader | undefined;
  /** It is one JSON string, of which the client wants the text. */
  bare: boolean;
}

/** Undefined where the text is what the client asked for. */
function formOf({ protocol, outputReader }: Codec, request: Request): Form | undefined {
  const { output, extra } = request;
  if (output?.type !== 'json-schema' || extra?.protocol === protocol) return undefined;
  const isOpenAi = protocol === 'openai-chat' || protocol === 'openai-responses';
  const wraps = isOpenAi && !isPlainObject(referred(output.schema));
  const bare = output.bare === true;
  const changed = outputReader?.(request) !== undefined;
  if (!wraps && !bare && !changed) return undefined;
  return { wrapped: wraps, bare, ...(changed && { reader: () => outputReader?.(request) }) };
}

function unwrap(part: Part, form: Form): void {
  if (part.type !== 'text') return;
  const reader = textReader(form);
  part.text = reader.push(part.text) + reader.end();
}

function unwrappedStream(decoder: StreamDecoder, form: Form): StreamDecoder {
  const readers = new Map<number, TextReader>();
  let out: Emit = () => {};
  const emitText = (index: number, text: string): void => {
    if (text.length > 0) out({ type: 'delta', index, text });
  };
  const read: Emit = (event) => {
    switch (event.type) {
      case 'part-start':
        out(event);
        if (event.part.type === 'text') readers.set(event.index, textReader(form));
        return;
      case 'delta': {
        const reader = readers.get(event.index);
        if (reader === undefined) out(event);
        else emitText(event.index, reader.push(event.text));
        return;
      }
      case 'part-end':
        emitText(event.index, readers.get(event.index)?.end() ?? '');
        readers.delete(event.index);
        break;
      case 'end':
        for (const [index, reader] of readers) emitText(index, reader.end());
        break;
      default:
        break;
    }
    out(event);
  };
  return {
    decode(event, emit) {
      out = emit;
      decoder.decode(event, read);
    },
    end(emit) {
      out = emit;
      decoder.end(read);
    },
  };
}

function textReader({ wrapped: isWrapped, bare, reader: own }: Form): TextReader {
  const plain: TextReader = { push: (piece) => piece, end: () => '' };
  const reader = isWrapped ? memberReader() : (own?.() ?? plain);
  if (!bare) return reader;
  let text = '';
  return {
    push(piece) {
      text += reader.push(piece);
      return '';
    },
    end() {
      text += reader.end();
      return asString(parseJson(text)) ?? text;
    },
  };
}

/** The object up to the value of its member, and what may still become that. */
const opening = /^\s*\{\s*"value"\s*:\s*/;
const begun = /^\s*(?:\{\s*(?:"(?:v(?:a(?:l(?:u(?:e(?:"\s*)?)?)?)?)?)?)?)?$/;
/** More white space than this opens no object that a model writes. */
const longestOpening = 256;

/** Gives the text of the member's value as it comes; text that is no such object is given as it is. */
export function memberReader(): TextReader {
  let place: 'before' | 'within' | 'behind' | 'elsewhere' = 'before';
  let held = '';
  let depth = 0;
  let quoted = false;
  let escaped = false;

  function within(text: string): string {
    let end = 0;
    for (; end < text.length; end++) {
      const unit = text.charAt(end);
      if (quoted) {
        if (escaped) escaped = false;
        else if (unit === '\\') escaped = true;
        else if (unit === '"') quoted = false;
      } else if (unit === '"') quoted = true;
      else if (unit === '{' || unit === '[') depth += 1;
      else if (unit === '}' || unit === ']' || (unit === ',' && depth === 0)) {
        if (depth === 0) {
          place = 'behind';
          break;
        }
        depth -= 1;
      }
    }
    // White space behind the value belongs to the object.
    const piece = text.slice(0, end);
    const shown = depth === 0 && !quoted ? piece.trimEnd() : piece;
    // More white space: what has waited is not looked at again.
    if (shown === '') {
      held = place === 'behind' ? '' : held + piece;
      return '';
    }
    const ready = held + shown;
    held = place === 'behind' ? '' : piece.slice(shown.length);
    return ready;
  }

  return {
    push(piece) {
      if (place === 'behind') return '';
      if (place === 'within') return within(piece);
      if (place === 'elsewhere') return piece;
      held += piece;
      const start = opening.exec(held)?.[0].length;
      const text = held;
      if (start !== undefined) {
        place = 'within';
        held = '';
        return within(text.slice(start));
      }
      if (begun.test(text) && text.length <= longestOpening) return '';
      place = 'elsewhere';
      held = '';
      return text;
    },
    end() {
      const rest = place === 'before' ? held : '';
      held = '';
      return rest;
    },
  };
}
