/**
 * What providers make for one request and know by an id for the next: containers, their files, spoken answers. A provider knows
 * the account alone; whose it is among the clients that share the account is known here.
 */
import type { Answer, ClientRequest } from '../gateway/answer.ts';
import { withEachOnce } from '../gateway/doubled-members.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { parsedYielding } from '../gateway/json-body.ts';
import { wholeEvents } from '../gateway/stream/whole-events.ts';
import { checkWeightInTurns } from '../gateway/weight-in-turns.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
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

/** What the protocols call that which has an id of the provider's. Sources: the request types of their SDKs. */
const naming: ReadonlySet<string> = new Set([
  ...['container', 'container_id', 'file_id', 'file_ids', 'vector_store_ids'],
  ...['cachedContent', 'cached_content', 'fileUri', 'file_uri', 'audio'],
  // A thread of Claude goes on from a message; what is diagnosed, or approved, is an answer's.
  ...['previous_message_id', 'comparison_response_id', 'approval_request_id'],
  // What an interaction of Google leaves: its rest, and the machine that it ran on.
  ...['continuation_token', 'continuationToken', 'environment', 'environment_id', 'environmentId'],
  ...['from_environment', 'fromEnvironment'],
]);

/** In answers: what has an id that the client did not know before. */
const making = [
  ...['"container"', '"container_id"', '"file_id"', '"audio"', '"environment_id"', '"continuation_token"'],
].map((word) => Buffer.from(word));

/** What names it there, but for files. */
const made: ReadonlySet<string> = new Set([
  ...['container', 'container_id', 'audio', 'environment_id', 'continuation_token'],
]);

/** The beginning of an answer, or all of it. */
const messageMark = Buffer.from('"message');

/** Ids that one body may name, far above what clients do, and characters of one. */
const mostIds = 4096;
const longestId = 1024;

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
  const { protocol, body } = request;
  const words = codecs[protocol].ownedWords;
  if (words === undefined || !mayName(body, words)) return run(request);
  const asked = await parsedYielding(bufferOf(body).toString());
  const named = isObject(asked) ? namedIds(asked) : [];
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
  const looked = isObject(asked) ? await withEachOnce(request, asked) : request;
  const inThread = isObject(asked) && isObject(asked.thread);
  return tapMade(await run(looked), { onMade, onProblem, mostValues, inThread });
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

/** The ids that a request names, wherever they stand. */
export function namedIds(asked: JsonObject): string[] {
  const ids = new Set<string>();
  eachMember(asked, (name, value) => {
    if (!naming.has(name) || ids.size >= mostIds) return;
    for (const one of Array.isArray(value) ? value : [value]) {
      const id = asString(one) ?? asString(asObject(one)?.id);
      if (id !== undefined && id.length <= longestId) ids.add(id);
    }
  });
  return [...ids];
}

/** The ids of what an answer has made. A file that it only cites was there before. */
export function madeIds(answer: JsonObject): string[] {
  const ids = new Set<string>();
  eachMember(answer, (name, value, holder) => {
    if (ids.size >= mostIds) return;
    const isFile = name === 'file_id' && makesFiles.test(asString(holder.type) ?? '');
    if (!isFile && !made.has(name)) return;
    const id =
      name === 'audio' ? asString(asObject(value)?.id) : (asString(value) ?? asString(asObject(value)?.id));
    if (id !== undefined && id.length <= longestId) ids.add(id);
  });
  return [...ids];
}

/** Anthropic's results of code and OpenAI's citations of what lies in a container. */
const makesFiles = /code_execution_output$|^container_file_citation$/;

/** Bodies are bounded in depth by `bounds.nesting`, and in size. */
function eachMember(value: Json, visit: (name: string, value: Json, holder: JsonObject) => void): void {
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) {
      // One by one: a list may be longer than a call has arguments.
      for (const item of next) if (typeof item === 'object' && item !== null) waiting.push(item);
    } else if (isObject(next))
      for (const [name, member] of Object.entries(next)) {
        if (member === undefined || member === null) continue;
        visit(name, member, next);
        if (typeof member === 'object') waiting.push(member);
      }
  }
}

interface MadeTap extends Pick<OwnedIdsDeps, 'onProblem' | 'mostValues'> {
  onMade(ids: string[]): void;
  /** The next request of the conversation names the answer itself. */
  inThread: boolean;
}

/** The id of a message, whole or at its beginning. */
function messageIds({ type, id, message }: JsonObject): string[] {
  const found = type === 'message' ? asString(id) : asString(asObject(message)?.id);
  return found === undefined || found.length > longestId ? [] : [found];
}

/** The same answer; `onMade` gets the ids in it as they go by. */
async function tapMade(
  answer: Answer,
  { onMade, onProblem, mostValues, inThread }: MadeTap,
): Promise<Answer> {
  const { body, headers, status } = answer;
  const marks = inThread ? [...making, messageMark] : making;
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
          if (isObject(one)) onMade(inThread ? [...madeIds(one), ...messageIds(one)] : madeIds(one));
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

function notFound(id: string): ProtocolError {
  return {
    status: 404,
    kind: 'not-found',
    message: `'${id.slice(0, 80)}' not found. It was made for another key, or there is no such thing.`,
    code: 'not_found',
  };
}
