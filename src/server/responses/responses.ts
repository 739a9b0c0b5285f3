/** Answers of the Responses API that go on from earlier ones, and are kept to be gone on from. */
import { reachable } from '../../credentials/route-target.ts';
import type { Answer, ClientRequest } from '../../gateway/answer.ts';
import type { AttemptFailure } from '../../gateway/failure.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { asString } from '../../protocols/json-members.ts';
import type { Log } from '../../telemetry/log.ts';
import type { OwnedIds } from '../owned-ids.ts';
import { type ReadBounds, tapResponse } from './answer-tap.ts';
import {
  type ConversationStore,
  continueConversation,
  earlierIds,
  keepsResponses,
  type UpstreamStorage,
} from './conversation.ts';
import type { InputItems } from './input-items.ts';
import { state } from './protocol.ts';
import type { ResponseStore } from './response-store.ts';
import { idsOf, type Lengths } from './stored-response.ts';

/** An answer that has come, with the request as the gateway saw it. */
export interface AnsweredResponse {
  id: string;
  previous: string | undefined;
  /** The provider may have kept it too. */
  native: boolean;
  /** What the client sent itself. */
  input: InputItems;
  /** The request with everything written out that was. */
  request: ClientRequest;
  response: JsonObject;
  lengths: Lengths;
}

/** What is called with a complete answer, given whether the client wants it kept; undefined without one. */
export type OnAnswered = (
  keep: boolean,
) => ((answered: AnsweredResponse) => void | Promise<void>) | undefined;

/** Asks the gateway, after writing out what the request refers to. A failure to store is logged, and changes no answer. `bounds`: what is read of it. */
export async function answerResponses(
  gateway: Gateway,
  request: ClientRequest,
  { memory, onAnswered, log, fetch, worked }: Stored,
  bounds: ReadBounds,
): Promise<Answer> {
  if (fetch !== undefined) await fetch(request);
  const upstream = () => upstreamMemory(gateway, request);
  const continued = await continueConversation(request, memory, upstream);
  if (!continued.ok) return gateway.refuse(request, continued.error);
  // The conversation has been read, and written as a request: two or three forms of it are garbage now.
  if (continued.request.body !== request.body) worked?.(continued.request.body.length);
  let asked = continued;
  // Where the provider has lost it, or another account answered, we still know it.
  const rewritten = async (failure: AttemptFailure): Promise<ClientRequest | undefined> => {
    if (!forgotten(failure) || !memory.knows(continued.previous ?? '')) return undefined;
    const written = await continueConversation(request, memory, () => ({ some: false, every: false }));
    if (written.ok) asked = written;
    return written.ok ? written.request : undefined;
  };
  const { request: written } = continued;
  const answer = await gateway.handle({
    ...written,
    ...(continued.previous !== undefined && { rewritten }),
    // What is kept of it is read from it when the answer is there.
    ...(onAnswered(true) !== undefined && { keepsBody: true }),
  });
  const onResponse = onAnswered(asked.keep);
  if (onResponse === undefined) return answer;
  return tapResponse(
    answer,
    (response, length) => {
      const id = asString(response.id);
      const native = asked.keep && upstreamMemory(gateway, asked.request).every;
      const lengths = { input: asked.request.body.length, response: length };
      return id === undefined ? undefined : onResponse({ ...asked, id, response, native, lengths });
    },
    (error) => log.warn('a response could not be kept', { id: request.id, error: String(error) }),
    bounds,
    fetch !== undefined,
  );
}

/** Whether an upstream reports that it does not know the answer to continue from. */
function forgotten({ error: { status, message, code }, body }: AttemptFailure): boolean {
  return state.isUnknownAnswer(status, body ?? `${code} ${message}`);
}

/** What a client may refer to, and how its answers get there. */
export interface Stored {
  memory: ConversationStore;
  onAnswered: OnAnswered;
  log: Pick<Log, 'warn'>;
  /** So many bytes of a conversation have been put together, whose parts are garbage now. */
  worked?: (bytes: number) => void;
  /** Of a store that others share: makes known here what the request names. Answers are then with the others before they end. */
  fetch?: (request: ClientRequest) => Promise<void>;
}

/** That of a client; nothing where nothing is stored. */
export function storedFor(
  store: ResponseStore | undefined,
  owners: OwnedIds | undefined,
  client: string,
  log: Pick<Log, 'warn'>,
): Stored {
  const own = (answered: AnsweredResponse): void => owners?.own(idsOf(answered), client);
  const foreign = owners && { isForeign: (id: string) => owners.isForeign(id, client) };
  if (store === undefined)
    return {
      memory: { ...noMemory, ...foreign },
      onAnswered: () => (owners === undefined ? undefined : own),
      log,
    };
  const onResponse = ({
    id,
    previous,
    native,
    input,
    response,
    lengths,
  }: AnsweredResponse): void | Promise<void> =>
    store.keep({ id, client, previous, native, input, response, lengths });
  return {
    memory: {
      conversation: (id) => store.conversation(id, client),
      knows: (id) => store.knows(id, client),
      native: (id) => store.native(id, client) === true,
      items: (ids) => store.items(ids, client),
      ...foreign,
    },
    // Keeping an answer makes its ids the client's.
    onAnswered: (keep) => (keep ? onResponse : owners && own),
    log,
    ...(store.fetch && {
      fetch: async (request: ClientRequest) => {
        const ids = await earlierIds(request);
        if (ids.length > 0) await store.fetch?.(ids, client);
      },
    }),
  };
}

const noMemory: ConversationStore = {
  conversation: async () => undefined,
  knows: () => false,
  native: () => false,
  items: async () => new Map(),
};

/** Which of the providers that may answer keep answers of their own. */
function upstreamMemory(
  gateway: Gateway,
  { model, mayUse = () => true }: Pick<ClientRequest, 'model' | 'mayUse'>,
): UpstreamStorage {
  const route = gateway.catalog().route(model);
  const keeping = (route === undefined ? [] : reachable(route)).filter(mayUse).map(keepsResponses);
  return { some: keeping.includes(true), every: !keeping.includes(false) };
}
