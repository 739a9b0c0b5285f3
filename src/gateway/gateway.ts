/** The way of one request: route → attempts → answer → record. */
import type { Config } from '../config/schema.ts';
import { type Candidate, type Catalog, createCatalog } from '../credentials/catalog.ts';
import { type Rest, restAfter } from '../credentials/cooldown.ts';
import type { Credential } from '../credentials/credential.ts';
import { restKey, select } from '../credentials/selection.ts';
import type { Loss } from '../protocols/codec.ts';
import { InvalidRequest } from '../protocols/json.ts';
import type { Protocol, ProtocolError } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import type { Operation } from '../providers/provider.ts';
import type { Answer, ClientRequest } from './answer.ts';
import { type AttemptWorld, attempt, jsonHeaders } from './attempt.ts';
import { countTokens } from './count-tokens.ts';
import { embed } from './embed.ts';
import type { AttemptFailure } from './failure.ts';
import { faithfulRoute } from './faithful-route.ts';
import type { Outcome } from './pass-through.ts';
import { relay, routeWith } from './relay.ts';
import { readRequest } from './upstream-request.ts';

/** The part of the configuration that the way of a request depends on. */
export type GatewaySettings = Pick<
  Config,
  'request-retry' | 'max-retry-credentials' | 'disable-cooling' | 'force-model-prefix' | 'translation'
>;

export interface Gateway {
  /** Answers a request. Never throws: failures are answers in the client's protocol. */
  handle(request: ClientRequest): Promise<Answer>;
  catalog(): Catalog;
  /** Puts new credentials and settings in force; running requests keep what they have. */
  configure(credentials: readonly Credential[], settings: GatewaySettings): void;
}

export interface GatewayOptions extends AttemptWorld {
  /** Milliseconds of a clock that only goes forward. */
  clock: () => number;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { log } = options;
  let catalog = createCatalog([], false);
  let settings: GatewaySettings = {
    'request-retry': 0,
    'max-retry-credentials': 0,
    'disable-cooling': false,
    'force-model-prefix': false,
    translation: { strict: false },
  };
  const rests = new Map<string, Rest>();
  let cursors = new Map<string, number>();

  function noteFailure(candidate: Candidate, failure: AttemptFailure): void {
    if (candidate.credential.disableCooling ?? settings['disable-cooling']) return;
    const key = restKey(candidate);
    const rest = restAfter(rests.get(key), failure.kind, failure.error.retryAfter, options.now());
    if (rest !== undefined) rests.set(key, rest);
  }

  async function handle(request: ClientRequest): Promise<Answer> {
    let attempts = 0;
    let used: Candidate | undefined;
    let losses: readonly Loss[] = [];
    let firstByte: number | undefined;
    const record = (status: number, outcome: Partial<Outcome>): void => {
      const end = options.clock();
      log.request({
        id: request.id,
        client: request.protocol,
        model: request.model,
        provider: used?.credential.provider.name,
        credential: used?.credential.label,
        attempts,
        status,
        // A whole answer is recorded as it goes out: its first byte is its last.
        ttft: attempts === 0 ? undefined : Math.round((firstByte ?? end) - request.receivedAt),
        duration: Math.round(end - request.receivedAt),
        input: outcome.input,
        output: outcome.output,
        loss: lossCodes(losses),
        error: outcome.error,
      });
    };
    const refuse = (error: ProtocolError, body?: AttemptFailure['body']): Answer => {
      record(error.status, { error: error.message });
      return errorAnswer(request.protocol, error, body);
    };

    let route = catalog.route(request.model);
    if (route === undefined) return refuse(unknownModel(request.model, catalog));
    route = routeWith(route, request.operation);
    if (route === undefined) return refuse(unableModel(request));
    const read = readRequest(request);
    const tried = new Set<Candidate>();
    const limit = settings['max-retry-credentials'] || Number.POSITIVE_INFINITY;
    let rounds = settings['request-retry'];
    let last: { candidate: Candidate; failure: AttemptFailure } | undefined;
    try {
      if (settings.translation.strict && request.operation === 'generate') {
        const faithful = faithfulRoute(route, request, read);
        if (!faithful.ok) {
          losses = faithful.losses;
          log.debug('translation refused', { id: request.id, from: request.protocol, losses });
          return refuse(faithful.error);
        }
        route = faithful.route;
      }
      for (;;) {
        const selection = select(route, { rests, cursors }, tried, options.now());
        if (selection.kind !== 'chosen' || tried.size >= limit) {
          const retriable =
            last !== undefined && last.failure.kind !== 'auth' && last.failure.kind !== 'forbidden';
          if (selection.kind !== 'resting' && retriable && rounds > 0) {
            rounds -= 1;
            tried.clear();
            continue;
          }
          if (last !== undefined) break;
          if (selection.kind === 'resting')
            return refuse(allResting(request.model, selection, options.now()));
          return refuse(unknownModel(request.model, catalog));
        }
        const { candidate } = selection;
        cursors.set(route.model, selection.cursor);
        tried.add(candidate);
        attempts += 1;
        used = candidate;
        let status = 200;
        let told = false;
        const finished = (outcome: Outcome): void => {
          // A client that leaves both cancels the stream and breaks its upstream: the first word counts.
          if (!told) record(status, outcome);
          told = true;
        };
        const result = await runs[request.operation](request, read, candidate, options, finished);
        firstByte = options.clock();
        if (result.ok) {
          rests.delete(restKey(candidate));
          losses = result.losses;
          status = result.answer.status;
          return withLosses(result.answer, losses);
        }
        if (request.signal.aborted) return refuse(clientGone);
        last = { candidate, failure: result.failure };
        if (result.failure.kind === 'rejected') break;
        noteFailure(candidate, result.failure);
        log.warn('upstream failed', {
          id: request.id,
          credential: candidate.credential.label,
          model: candidate.model,
          status: result.failure.error.status,
          reason: result.failure.error.message.slice(0, 200),
        });
      }
    } catch (error) {
      if (error instanceof InvalidRequest) return refuse(invalid(error));
      log.error('internal error', {
        id: request.id,
        error: error instanceof Error ? error.stack : String(error),
      });
      return refuse(internalError);
    }
    const sameProtocol = last.candidate.credential.provider.protocol === request.protocol;
    return refuse(last.failure.error, sameProtocol ? last.failure.body : undefined);
  }

  return {
    handle,
    catalog: () => catalog,
    configure(credentials, next) {
      settings = next;
      catalog = createCatalog(credentials, next['force-model-prefix']);
      cursors = new Map();
    },
  };
}

/** How each operation is attempted. */
const runs: Record<Operation, typeof attempt> = {
  generate: attempt,
  'count-tokens': countTokens,
  embed,
  'embed-content': embed,
  compact: relay,
  'generate-image': relay,
  'edit-image': relay,
  transcribe: relay,
  'translate-speech': relay,
  speak: relay,
};

/** An error in the client's protocol; `body` is the upstream's own words where both speak the same. */
export function errorAnswer(protocol: Protocol, error: ProtocolError, body?: AttemptFailure['body']): Answer {
  const headers: Record<string, string> = { ...jsonHeaders };
  if (error.retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfter));
  if (body !== undefined && body.text.length > 0) {
    return {
      status: error.status,
      headers: { ...headers, 'content-type': body.contentType },
      body: body.text,
    };
  }
  return { status: error.status, headers, body: JSON.stringify(codecs[protocol].encodeError(error)) };
}

export function invalid(error: InvalidRequest): ProtocolError {
  return { status: 400, kind: 'invalid-request', message: error.message, param: error.path || undefined };
}

const internalError: ProtocolError = {
  status: 500,
  kind: 'server',
  message: 'The gateway failed to handle this request. Its log says why, under the request id.',
  code: 'internal_error',
};

/** 499 is nginx's status for it; nobody is there to read it. */
const clientGone: ProtocolError = { status: 499, kind: 'timeout', message: 'the client went away' };

function unknownModel(model: string, catalog: Catalog): ProtocolError {
  const near = catalog.nearest(model);
  const hint =
    near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' GET /v1/models lists what there is.';
  return {
    status: 404,
    kind: 'not-found',
    message: `No credential serves the model "${model}".${hint}`,
    code: 'model_not_found',
    param: 'model',
  };
}

/** What a provider does in each operation. */
const abilities: Record<Operation, string> = {
  generate: 'generates answers',
  'count-tokens': 'counts tokens',
  embed: 'makes embeddings',
  'embed-content': 'makes embeddings',
  compact: 'compacts conversations: /v1/responses/compact needs one that speaks OpenAI Responses',
  'generate-image': 'makes images at /v1/images/generations',
  'edit-image': 'edits images at /v1/images/edits',
  transcribe: 'transcribes speech at /v1/audio/transcriptions',
  'translate-speech': 'translates speech at /v1/audio/translations',
  speak: 'speaks at /v1/audio/speech',
};

/** 501: no credential that serves the model can do this. */
function unableModel({ model, operation }: ClientRequest): ProtocolError {
  return {
    status: 501,
    kind: 'invalid-request',
    message: `No provider that serves the model "${model}" ${abilities[operation]}.`,
    code: 'unsupported_operation',
    param: 'model',
  };
}

function allResting(
  model: string,
  selection: { until: number; resting: { candidate: Candidate; rest: Rest }[] },
  now: number,
): ProtocolError {
  const seconds = Math.max(1, Math.ceil((selection.until - now) / 1000));
  const names = selection.resting
    .slice(0, 5)
    .map(
      ({ candidate, rest }) =>
        `${candidate.credential.label}: ${rest.kind}, ${Math.ceil((rest.until - now) / 1000)} s`,
    );
  return {
    status: 429,
    kind: 'rate-limit',
    message: `All credentials for "${model}" are resting; the first is back in ${seconds} s (${names.join('; ')}).`,
    code: 'model_cooldown',
    retryAfter: seconds,
  };
}

function lossCodes(losses: readonly Loss[]): string | undefined {
  if (losses.length === 0) return undefined;
  return [...new Set(losses.map((loss) => `${loss.kind}:${loss.field}`))].join(', ');
}

function withLosses(answer: Answer, losses: readonly Loss[]): Answer {
  const codes = lossCodes(losses);
  // Header values are ASCII (RFC 9110 §5.5).
  if (codes !== undefined)
    answer.headers = { ...answer.headers, 'x-translation-loss': codes.replace(/[^\x20-\x7e]/g, '?') };
  return answer;
}
