/**
 * What providers make for one request and know by an id for the next: containers, their files, spoken answers. A provider knows
 * the account alone; whose it is among the clients that share the account is known here.
 */
import { hash } from 'node:crypto';
import type { Answer, ClientRequest } from '../gateway/answer.ts';
import { withEachOnce } from '../gateway/doubled-members.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { parsedYielding } from '../gateway/json-body.ts';
import { wholeEvents } from '../gateway/stream/whole-events.ts';
import { checkWeightInTurns } from '../gateway/weight-in-turns.ts';
import { folded } from '../protocols/answer-limit.ts';
import { isForm, readForm } from '../protocols/form-fields.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs, namesOfAll } from '../protocols/registry.ts';
import type { OwnedMembers } from '../protocols/request-members.ts';
import { sseReader } from '../protocols/sse.ts';

/** Which client was given which ids. */
export interface OwnedIds {
  /** Whether the id was given to other clients and never to this one. */
  isForeign(id: string, client: string): boolean;
  /** The client was given these. */
  own(ids: readonly string[], client: string): void;
  /** Of a store that others share: makes known here what they know of these ids. Never rejects. */
  fetch?(ids: readonly string[], client: string): Promise<void>;
}

/** Members that hold an id, or an object with one. */
const naming = namesOfAll(({ owned }) => owned?.named);
/** The same as the fields of a form have them. */
const foldedNaming = new Map([...naming].map((name) => [folded(name), name]));
/** In answers: members that hold the id of what was made, or an object with one; members that hold an object with one. */
const made = namesOfAll(({ owned }) => owned?.made);
const madeObjects = namesOfAll(({ owned }) => owned?.madeObjects);
const madeFiles = Object.values(codecs).flatMap(({ requestMembers: { owned } }) => owned?.madeFiles ?? []);
/** In answers: what has an id that the client did not know before. */
const making = [...new Set([...made, ...madeObjects, ...madeFiles.map(({ member }) => member)])].map((name) =>
  Buffer.from(`"${name}"`),
);

/** Ids that one body may name, far above what clients do. */
const mostIds = 4096;
/** Bytes of one field of a form. */
const longestField = 65_536;
/** Characters of an id that is kept as it is; of a longer one, as tokens are, its digest. */
const longestId = 256;

/**
 * Answers a request by `run` unless it names what another client has had made, and remembers what is made for it. Requests that
 * can name and make nothing cost a search for a few words.
 */
export async function answerOwned(
  request: ClientRequest,
  client: string,
  { ids, gateway, onProblem, mostValues }: OwnedIdsDeps,
  run: (request: ClientRequest) => Promise<Answer>,
): Promise<Answer> {
  const { protocol, body, headers } = request;
  const words = codecs[protocol].ownedWords;
  const form = headers.get('content-type');
  const isFormed = isForm(form, body);
  if (words === undefined || !(isFormed || mayName(body, words) || asksInHeader(request)))
    return run(request);
  const asked = isFormed ? fieldsOf(form, body) : await parsedYielding(bufferOf(body).toString());
  if (isFormed && asked === undefined) return gateway.refuse(request, tooManyIds);
  const named = isObject(asked) ? namedIds(asked) : [];
  if (named === 'too-many') return gateway.refuse(request, tooManyIds);
  if (ids.fetch !== undefined && named.length > 0) await ids.fetch(named, client);
  const foreign = named.find((id) => ids.isForeign(id, client));
  if (foreign !== undefined) return gateway.refuse(request, notFound(foreign));
  const known = new Set(named);
  const onMade = (found: string[]): void => {
    // What the client named itself may be everybody's: only its owner has made it.
    const fresh = found.filter((id) => !known.has(id));
    if (fresh.length > 0) ids.own(fresh, client);
  };
  // What was looked at must be what a provider finds.
  const looked = isObject(asked) && !isFormed ? await withEachOnce(request, asked) : request;
  const madeAnswer = codecs[protocol].requestMembers.owned?.madeAnswer;
  const isMade = isObject(asked) && madeAnswer?.asked.some((name) => isObject(asked[name])) === true;
  return tapMade(await run(looked), {
    onMade,
    onProblem,
    mostValues,
    madeAnswer: isMade ? madeAnswer : undefined,
  });
}

/** What ids are looked up with. `mostValues`: what is read of an answer (`bounds.answer-values`). */
export interface OwnedIdsDeps {
  ids: OwnedIds;
  gateway: Pick<Gateway, 'refuse'>;
  onProblem: (error: unknown) => void;
  mostValues: number;
}

function mayName(body: Uint8Array, any: readonly string[]): boolean {
  const bytes = bufferOf(body);
  // Every letter of JSON may be written by its number.
  return any.some((word) => bytes.includes(word)) || bytes.includes('\\u00');
}

/** The fields of a form that may name something, each as a member; undefined where one is too long to be looked through. */
function fieldsOf(type: string, body: Uint8Array): JsonObject | undefined {
  const buffer = bufferOf(body);
  const fields: JsonObject[] = [];
  let isReadable = true;
  readForm(type, body, ({ path, isFile, start, end }) => {
    const last = path.at(-1) ?? '';
    const name = foldedNaming.get(last);
    const isJson = /^\s*[[{]/.test(buffer.toString('latin1', start, Math.min(end, start + 64)));
    if (isFile || (name === undefined && !isJson)) return;
    if (end - start > longestField) isReadable = false;
    const text = buffer.toString('utf8', start, Math.min(end, start + longestField));
    fields.push({ [name ?? 'value']: (isJson ? parseJson(text) : undefined) ?? text.trim() });
  });
  return isReadable ? { fields } : undefined;
}

function asksInHeader({ protocol, headers }: ClientRequest): boolean {
  const asked = codecs[protocol].requestMembers.owned?.askedInHeader;
  return asked?.value.test(headers.get(asked.name) ?? '') === true;
}

/** The ids that a request names, wherever they stand; `too-many` where not all of them can be looked up. */
export function namedIds(asked: JsonObject): string[] | 'too-many' {
  const ids = new Set<string>();
  eachMember(asked, (name, value) => {
    if (!naming.has(name)) return;
    for (const one of Array.isArray(value) ? value : [value]) {
      const id = idOf(one);
      if (id !== undefined && ids.size <= mostIds) ids.add(id);
    }
  });
  return ids.size > mostIds ? 'too-many' : [...ids];
}

/** A name by itself, or in an object, where a token may be one. */
function idOf(value: Json): string | undefined {
  const { id, token } = asObject(value) ?? {};
  const found = asString(value) ?? asString(id) ?? asString(token);
  return found === undefined ? undefined : keptId(found);
}

function keptId(id: string): string {
  return id.length > longestId ? `sha256:${hash('sha256', id)}` : id;
}

/** The ids of what an answer has made. A file that it only cites was there before. */
export function madeIds(answer: JsonObject): string[] {
  const ids = new Set<string>();
  eachMember(answer, (name, value, holder) => {
    if (ids.size >= mostIds) return;
    const isObjectOnly = madeObjects.has(name);
    if (!isObjectOnly && !made.has(name) && !isMadeFile(name, holder)) return;
    const id = (isObjectOnly ? undefined : asString(value)) ?? asString(asObject(value)?.id);
    if (id !== undefined) ids.add(keptId(id));
  });
  return [...ids];
}

function isMadeFile(name: string, { type }: JsonObject): boolean {
  return madeFiles.some(({ member, types }) => member === name && types.test(asString(type) ?? ''));
}

/** Bodies are bounded in depth by `bounds.nesting`, and in size. */
function eachMember(value: Json, visit: (name: string, value: Json, holder: JsonObject) => void): void {
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) {
      // One by one: a list may be longer than a call has arguments.
      for (const item of next) if (typeof item === 'object' && item !== null) waiting.push(item);
    } else if (isObject(next))
      for (const name in next) {
        const member = next[name];
        if (member === undefined || member === null) continue;
        visit(name, member, next);
        if (typeof member === 'object') waiting.push(member);
      }
  }
}

interface MadeTap extends Pick<OwnedIdsDeps, 'onProblem' | 'mostValues'> {
  onMade(ids: string[]): void;
  /** Where the next request of the conversation names the answer itself: what that is like. */
  madeAnswer: OwnedMembers['madeAnswer'];
}

/** The id of an answer, whole or in the event of its beginning. */
function answerIds(value: JsonObject, { type, member }: NonNullable<MadeTap['madeAnswer']>): string[] {
  const found = value.type === type ? asString(value.id) : asString(asObject(value[member])?.id);
  return found === undefined ? [] : [keptId(found)];
}

/** The same answer; `onMade` gets the ids in it as they go by. */
async function tapMade(
  answer: Answer,
  { onMade, onProblem, mostValues, madeAnswer }: MadeTap,
): Promise<Answer> {
  const { body, headers, status } = answer;
  const marks = madeAnswer ? [...making, Buffer.from(`"${madeAnswer.member}`)] : making;
  if (status !== 200) return answer;
  /** What cannot be read of an answer changes nothing of it. */
  async function look(bytes: Uint8Array, isStream: boolean): Promise<void> {
    const buffer = bufferOf(bytes);
    if (!marks.some((word) => buffer.includes(word))) return;
    try {
      for (const json of isStream ? dataIn(bytes) : [buffer.toString()]) {
        await checkWeightInTurns(json, { values: mostValues });
        const value = await parsedYielding(json);
        for (const one of Array.isArray(value) ? value : [value])
          if (isObject(one))
            onMade(madeAnswer ? [...madeIds(one), ...answerIds(one, madeAnswer)] : madeIds(one));
      }
    } catch (error) {
      onProblem(error);
    }
  }
  const isStream = headers['content-type']?.includes('event-stream') === true;
  if (!(body instanceof ReadableStream)) {
    await look(typeof body === 'string' ? Buffer.from(body) : body, isStream);
    return answer;
  }
  // What is forwarded comes as the provider's pieces: of an event, or of a whole answer.
  const events = wholeEvents();
  const pieces: Uint8Array[] = [];
  let kept = 0;
  const tap = new TransformStream<Uint8Array, Uint8Array>(
    {
      async transform(bytes, controller) {
        const whole = isStream ? events.push(bytes) : undefined;
        if (whole !== undefined) await look(whole, true);
        if (!isStream) kept += bytes.length;
        if (!isStream && kept <= mostKept) pieces.push(bytes);
        controller.enqueue(bytes);
      },
      async flush() {
        if (isStream) await look(events.rest(), true);
        else if (kept <= mostKept) await look(Buffer.concat(pieces), false);
        else onProblem(new Error('a whole answer was too long to be looked through'));
      },
    },
    undefined,
    { highWaterMark: 0 },
  );
  return { ...answer, body: body.pipeThrough(tap) };
}

/** Bytes of a whole answer that comes in pieces which are kept until its end. */
const mostKept = 16 * 1024 * 1024;

/** The data of all events. */
function dataIn(bytes: Uint8Array): string[] {
  const all: string[] = [];
  const events = sseReader(({ data }) => void all.push(data));
  events.push(bytes);
  events.end();
  return all;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const tooManyIds: ProtocolError = {
  status: 400,
  kind: 'invalid-request',
  message: `The request names more than ${mostIds} files, containers and the like by an id, or in a field that is too long.`,
};

function notFound(id: string): ProtocolError {
  return {
    status: 404,
    kind: 'not-found',
    message: `'${id.slice(0, 80)}' not found. It was made for another key, or there is no such thing.`,
    code: 'not_found',
  };
}
