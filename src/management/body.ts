/** Bodies of management requests: read to a bound, then as what the route takes. */
import { z } from 'zod';
import { bytesUpTo } from '../gateway/bytes-up-to.ts';
import { hasDoubled } from '../gateway/doubled-members.ts';
import { parseJsonFile } from '../protocols/json.ts';
import { BadInput } from './bad-input.ts';
import { checkedInput } from './checked-input.ts';
import { isNestedDeeper } from './json-depth.ts';
import { losesNumbers } from './keepable.ts';
import { namesPrototype, prototype } from './prototype-name.ts';
import { refuse } from './reply.ts';

/** A kind of body. */
export interface BodyKind<T> {
  /** Media types, for the reference. */
  types: readonly string[];
  schema?: z.ZodType | undefined;
  /** One that fits, for the reference. */
  example?: unknown;
  /** Whether there need not be one. */
  optional?: boolean;
  /** Bytes that are read of it. */
  most: number;
  /** Throws {@link BadInput}. */
  read(bytes: Uint8Array<ArrayBuffer>, type: string): T | Promise<T>;
}

/** Bytes of a body in JSON: whole lists of keys are written in one. */
const mostJson = 4 * 1024 * 1024;
/** Lists and objects inside each other: a configuration has a dozen. */
const mostLevels = 100;

interface JsonOptions {
  most?: number;
  /** For the reference. */
  example?: unknown;
}

/** JSON that fits the schema. */
export function jsonBody<T>(
  schema: z.ZodType<T>,
  { most = mostJson, example }: JsonOptions = {},
): BodyKind<T> {
  return {
    types: ['application/json'],
    schema,
    example,
    most,
    read: (bytes) => checkedInput(schema, parsed(bytes), 'body'),
  };
}

/** The same; `undefined` where there is no body at all. */
export function optionalJsonBody<T>(
  schema: z.ZodType<T>,
  { most = mostJson, example }: JsonOptions = {},
): BodyKind<T | undefined> {
  return {
    types: ['application/json'],
    schema,
    example,
    optional: true,
    most,
    read: (bytes) => (bytes.byteLength === 0 ? undefined : checkedInput(schema, parsed(bytes), 'body')),
  };
}

/** A list, or an object that has it as its `items`. */
export function listBody<T>(entry: z.ZodType<T>, example: T[]): BodyKind<T[]> {
  return jsonBody(
    z.union([z.array(entry), z.object({ items: z.array(entry) }).transform(({ items }) => items)]),
    { example },
  );
}

/** Text, parsed by its route. Bytes that are not UTF-8 are refused. `schema`: its contents. */
export function textBody(
  types: readonly string[],
  most: number,
  schema: z.ZodType = z.string(),
): BodyKind<string> {
  return { types, most, schema, read: (bytes) => decoded(bytes) };
}

/** Whatever comes, with its media type: uploads. */
export function anyBody(
  types: readonly string[],
  most: number,
): BodyKind<{ bytes: Uint8Array<ArrayBuffer>; type: string }> {
  return { types, most, read: (bytes, type) => ({ bytes, type }) };
}

/** Reads and checks the body of a request. Throws {@link BadInput}. */
export async function readBody<T>(request: Request, kind: BodyKind<T>): Promise<T> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  const bytes = announced > kind.most ? undefined : await bytesUpTo(request.body, kind.most);
  if (bytes === undefined)
    throw new BadInput(
      refuse(413, `body too large: at most ${kind.most} bytes are taken`, { code: 'body_too_large' }),
    );
  return kind.read(bytes, request.headers.get('content-type') ?? '');
}

/** As it was sent, with the mark that some editors put at the beginning. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('expected UTF-8');
  }
}

/** JSON from outside: UTF-8, no deeper than {@link mostLevels}, and nothing that would be lost on the way. Throws {@link BadInput}. */
export function parsed(bytes: Uint8Array): unknown {
  const text = decoded(bytes);
  if (isNestedDeeper(bytes, mostLevels)) throw invalid(`nested for more than ${mostLevels} levels`);
  const value = parseJsonFile(text);
  // The parser's message repeats the input, which may contain keys.
  if (value === undefined) throw invalid('expected JSON');
  // An escape may hide any letter of the name.
  if ((text.includes(prototype) || text.includes('\\u')) && namesPrototype(value))
    throw invalid(`${prototype} is no name of a setting`);
  // Of two the last would count here, and elsewhere the first.
  if (hasDoubled(bytes, value)) throw invalid('a name occurs twice in one object');
  if (losesNumbers(text, value)) throw invalid('a number is larger than can be kept exactly');
  return value;
}

function invalid(what: string): BadInput {
  return new BadInput(refuse(400, `invalid body: ${what}`, { code: 'invalid_body' }));
}
