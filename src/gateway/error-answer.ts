/** What clients get when the gateway itself has to refuse, in the protocol of each. */
import type { Catalog } from '../credentials/catalog.ts';
import { spanText } from '../credentials/cooldown-table.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Passed, Survey } from '../credentials/survey.ts';
import { shortened } from '../ground/shortened.ts';
import type { InvalidRequest } from '../protocols/invalid-request.ts';
import { parseJson } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../protocols/operation.ts';
import { badRequest, type ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
import { mendedJson } from '../protocols/well-formed.ts';
import { type Answer, asItIs, type ClientRequest, jsonHeaders } from './answer.ts';
import type { AttemptFailure } from './failure.ts';

/** An error in the client's protocol. `body`, of an upstream that speaks the same, goes through where it is in that protocol's shape. */
export function errorAnswer(protocol: Protocol, error: ProtocolError, body?: AttemptFailure['body']): Answer {
  const headers: Record<string, string> = { ...jsonHeaders };
  if (error.retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfter));
  // It is JSON, whatever the upstream calls it: a page that shows it must not run it.
  if (body !== undefined && codecs[protocol].isOwnError(parseJson(body))) {
    return {
      status: error.status,
      headers: { ...headers, ...asItIs },
      body,
    };
  }
  return {
    status: error.status,
    headers,
    body: mendedJson(JSON.stringify(codecs[protocol].encodeError(error))),
  };
}

export function invalid(error: InvalidRequest): ProtocolError {
  const { message, path, code } = error;
  const param = path ? shortened(path) : undefined;
  return badRequest(shortened(message), { param, ...(code !== undefined && { code }) });
}

export const internalError: ProtocolError = {
  status: 500,
  kind: 'server',
  message: 'The gateway failed to handle this request. Its log has the reason, under the request id.',
  code: 'internal_error',
};

/** 499 is nginx's status for it; the client does not read it. */
export const clientGone: ProtocolError = { status: 499, kind: 'timeout', message: 'the client went away' };

/** The problem of a gateway without credentials, and its remedy. */
export const noCredential =
  'No credential can be used: add an API key to the config, or sign in with "cli-proxy-api auth PROVIDER"; "sandbox: true" in the config lets the built-in sandbox answer.';

export function unknownModel(model: string, catalog: Catalog): ProtocolError {
  const dead = catalog.deadRoute?.(model);
  if (dead !== undefined)
    return {
      status: 503,
      kind: 'overloaded',
      message: `The model route "${model}" leads to ${dead.join(', ')}, and no credential serves any of them.`,
      code: 'credentials_unavailable',
      param: 'model',
    };
  if (catalog.size === 0)
    return {
      status: 503,
      kind: 'overloaded',
      message: noCredential,
      code: 'credentials_unavailable',
      param: 'model',
    };
  const near = catalog.suggestion(model);
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
  compact: 'compacts conversations: that needs one with the Responses API of OpenAI',
  'generate-image': 'makes images at /v1/images/generations',
  'edit-image': 'edits images at /v1/images/edits',
  transcribe: 'transcribes speech at /v1/audio/transcriptions',
  'translate-speech': 'translates speech at /v1/audio/translations',
  speak: 'speaks at /v1/audio/speech',
  interact: 'has the Interactions API: /v1/interactions needs a key of the Gemini API',
  'interact-beta': 'has the Interactions API: /v1beta/interactions needs a key of the Gemini API',
};

/** 501: no credential that serves the model can do this. */
export function unableModel({ model, operation }: Pick<ClientRequest, 'model' | 'operation'>): ProtocolError {
  return {
    status: 501,
    kind: 'invalid-request',
    message: `No provider that serves the model "${model}" ${abilities[operation]}.`,
    code: 'unsupported_operation',
    param: 'model',
  };
}

/** What clients read of a credential: whose it is, they need not know. */
function publicName({ givenName, provider }: Credential): string {
  return givenName ?? provider.title;
}

/** Credentials that a message names; the others are counted. */
export const namedCoolingDown = 5;

/**
 * No candidate is ready: 429 with the time of the first that will be. Where no quota is among the reasons, waiting for one
 * is not what helps: 503, so that a client does not take a revoked key for a busy provider.
 */
export function allCoolingDown(model: string, survey: Survey, soonest: number, now: number): ProtocolError {
  const { passed, candidates } = survey;
  const retryAfter = Math.max(1, Math.ceil((soonest - now) / 1000));
  const named = passed.slice(0, namedCoolingDown).map((one) => passedText(one, now));
  const more = candidates - named.length;
  if (more > 0) named.push(`and ${more} more`);
  const quota = passed.some(
    ({ cooldown }) => cooldown === undefined || cooldown.kind === 'quota' || cooldown.kind === 'budget',
  );
  return {
    status: quota ? 429 : 503,
    kind: quota ? 'rate-limit' : 'overloaded',
    message: `All credentials for "${model}" are cooling down; the first is back in ${spanText(soonest - now)}. ${named.join('; ')}.`,
    code: quota ? 'model_cooldown' : 'credentials_unavailable',
    retryAfter,
  };
}

/** Everybody who may serve does, as often as is allowed, and as many wait for a place as may, or one waited too long. */
export function allBusy(model: string, full: ReadonlySet<Credential>): ProtocolError {
  const named = [...full]
    .slice(0, namedCoolingDown)
    .map((credential) => `${publicName(credential)}: ${credential.places?.places ?? 0} at a time`);
  const more = full.size - named.length;
  if (more > 0) named.push(`and ${more} more`);
  return {
    status: 429,
    kind: 'rate-limit',
    message: `All credentials for "${model}" serve as many requests as they may (concurrency). ${named.join('; ')}.`,
    code: 'credentials_busy',
    retryAfter: 1,
  };
}

/** `Claude: quota until 12:04:05Z (in 38s): the upstream's message`. */
function passedText({ candidate, cooldown, until }: Passed, now: number): string {
  const said =
    cooldown === undefined || cooldown.reason === '' ? '' : `: ${cooldown.reason.replace(/\.$/, '')}`;
  const clock = `${new Date(until).toISOString().slice(0, 19)}Z`;
  return `${publicName(candidate.credential)}: ${cooldown?.kind ?? 'reserved'} until ${clock} (in ${spanText(until - now)})${said}`;
}
