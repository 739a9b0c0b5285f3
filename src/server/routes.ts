/** Which address means what. */

import { unescaped } from '../ground/url-path.ts';
import { type Protocol, protocols } from '../protocols/model.ts';
import type { ModelMethod, Operation } from '../protocols/operation.ts';
import { codecs } from '../protocols/registry.ts';
import { lookUp } from '../protocols/word-table.ts';
import type { StoredRequest } from './responses/stored-request.ts';

/** What a request's address asks for, before its body is read. */
export type Route =
  | { kind: 'call'; protocol: Protocol; operation: Operation }
  /** The model and the streaming are in the address. */
  | { kind: 'method-call'; protocol: Protocol; operation: Operation; model: string; stream: boolean }
  | { kind: 'completions'; protocol: Protocol }
  /** A WebSocket over which requests are answered one after the other. */
  | { kind: 'responses-socket' }
  /** An answer that was kept. */
  | { kind: 'stored-response'; protocol: Protocol; asked: StoredRequest }
  /** `protocol`: in whose form, where the address determines it. */
  | { kind: 'models'; protocol: Protocol | undefined; model: string | undefined }
  /** What the client's own key has used. */
  | { kind: 'own-usage' }
  | { kind: 'health' }
  /** Whether requests should be sent here. */
  | { kind: 'readiness' }
  | { kind: 'banner' };

export interface Match {
  method: 'GET' | 'POST' | 'DELETE';
  route: Route;
}

/** The one protocol that has this among its addresses. */
function protocolWith(name: 'completions' | 'isUsual' | 'keptAnswers' | 'models'): Protocol {
  const found = protocols.find((protocol) => codecs[protocol].addresses[name] !== undefined);
  if (found === undefined) throw new Error(`no protocol has ${name}`);
  return found;
}

/** The protocol whose clients name the model, and its method, in the address. */
const methodical = protocolWith('models');
const {
  methods = {},
  models: ownModels = '',
}: { methods?: Readonly<Record<string, ModelMethod>>; models?: string } = codecs[methodical].addresses;
/** Of clients with neither an address nor a header of a protocol. */
const usual = protocolWith('isUsual');
const completing = protocolWith('completions');
const { completions: completionsPath = '' } = codecs[completing].addresses;
const keeping = protocolWith('keptAnswers');
const { keptAnswers: keptPath = '' } = codecs[keeping].addresses;

const fixed: Record<string, Match> = {
  '/': { method: 'GET', route: { kind: 'banner' } },
  '/healthz': { method: 'GET', route: { kind: 'health' } },
  '/livez': { method: 'GET', route: { kind: 'health' } },
  '/readyz': { method: 'GET', route: { kind: 'readiness' } },
  '/v1/models': models(undefined),
  [ownModels]: models(methodical),
  '/v1/usage': { method: 'GET', route: { kind: 'own-usage' } },
  [completionsPath]: { method: 'POST', route: { kind: 'completions', protocol: completing } },
  ...Object.fromEntries(protocols.flatMap(callsOf)),
};

function models(protocol: Protocol | undefined, model?: string): Match {
  return { method: 'GET', route: { kind: 'models', protocol, model } };
}

function callsOf(protocol: Protocol): [string, Match][] {
  return Object.entries(codecs[protocol].addresses.calls).map(([address, operation]) => [
    address,
    { method: 'POST', route: { kind: 'call', protocol, operation } },
  ]);
}

/** Where a call is made, the usual address of several; undefined where there is none. */
export function addressOf(
  protocol: Protocol,
  operation: string,
  { model, stream }: { model: string; stream: boolean },
): string | undefined {
  return addressPattern(protocol, operation, stream)?.replace('{model}', () => encodeURIComponent(model));
}

/** The same with `{model}` in the place of the model's name. */
export function addressPattern(protocol: Protocol, operation: string, stream: boolean): string | undefined {
  const { calls, methods = {} } = codecs[protocol].addresses;
  const address = Object.keys(calls).find((one) => calls[one] === operation);
  if (address !== undefined) return address;
  const streams = stream && operation === 'generate';
  const method = Object.keys(methods).find(
    (one) => methods[one]?.operation === operation && methods[one].stream === streams,
  );
  return method && `${ownModels}/{model}:${method}`;
}

/** Where each protocol's clients generate, and what the usual one has beside that: the addresses that are worth naming. */
export const usualCalls: readonly string[] = [
  ...protocols.flatMap((protocol) => addressPattern(protocol, 'generate', false) ?? []),
  ...Object.entries(codecs[usual].addresses.calls).flatMap(([address, operation]) =>
    operation === 'generate' ? [] : address,
  ),
];

/** Other beginnings of a protocol's addresses. */
const otherBases = protocols.flatMap((protocol) =>
  (codecs[protocol].addresses.otherBases ?? []).map((base) => ({ base, protocol })),
);

function otherBaseOf(address: string): (typeof otherBases)[number] | undefined {
  return otherBases.find(({ base }) => address.startsWith(base));
}

/** An answer that is kept, by its id, and what is asked of it. */
const storedPath = new RegExp(`^${keptPath}/([^/]+)(?:/(input_items|cancel))?$`);

function storedMatch(id: string, part: string | undefined, method: string): Match {
  const match = (wanted: Match['method'], kind: StoredRequest['kind']): Match => ({
    method: wanted,
    route: { kind: 'stored-response', protocol: keeping, asked: { kind, id: unescaped(id) } },
  });
  if (part === 'input_items') return match('GET', 'input-items');
  if (part === 'cancel') return match('POST', 'cancel');
  return method === 'DELETE' ? match('DELETE', 'delete') : match('GET', 'get');
}

const modelPath = /^\/v1(?:beta|alpha)?\/models\/(.+)$/;

/** Where Amp and ccs look for each maker's API. The maker does not matter: the model's name selects the provider. */
const makerBase = '/api/provider/';

const { otherModels = /^$/ } = codecs[methodical].addresses;

/** The first part of an address, `/v1beta` of `/v1beta/models`. */
function versionOf(address: string): string {
  return address.slice(0, address.indexOf('/', 1));
}

/** The address as the tables have it: without a base of other programs, and with its version. */
function ownAddress(address: string): string {
  const other = otherBaseOf(address);
  if (other !== undefined) return `/v1${address.slice(other.base.length)}`;
  if (!address.startsWith(makerBase)) return address;
  const end = address.indexOf('/', makerBase.length);
  if (end < 0) return address;
  const maker = address.slice(makerBase.length, end);
  const rest = address.slice(end).replace(otherModels, `${ownModels}/`);
  if (/^\/v1(?:alpha|beta)?\//.test(rest)) return rest;
  return `${maker === 'google' ? versionOf(ownModels) : '/v1'}${rest}`;
}

/** The address without the slash at its end that base URLs and hands add. */
function withoutSlash(address: string): string {
  return address.length > 1 && address.endsWith('/') ? address.slice(0, -1) : address;
}

/**
 * What an address means, with or without one slash at its end; undefined for an unknown one. Model names may hold `/`, `:`
 * and `.`.
 */
export function matchRoute(address: string, method: string): Match | undefined {
  // Nearly all requests: none of these addresses is another one in disguise.
  const direct = method === 'POST' ? lookUp(fixed, address) : undefined;
  if (direct !== undefined) return direct;
  const given = withoutSlash(address);
  const path = ownAddress(given);
  if (path === keptPath && method === 'GET') return { method: 'GET', route: { kind: 'responses-socket' } };
  const exact = lookUp(fixed, path);
  if (exact !== undefined) return exact;
  const [, stored, part] = storedPath.exec(path) ?? [];
  if (stored !== undefined) return storedMatch(stored, part, method);
  const named = modelPath.exec(path)?.[1];
  if (named === undefined) return undefined;
  const colon = named.lastIndexOf(':');
  const action = colon <= 0 ? undefined : lookUp(methods, named.slice(colon + 1));
  if (action !== undefined)
    return {
      method: 'POST',
      route: {
        kind: 'method-call',
        protocol: methodical,
        model: unescaped(named.slice(0, colon)),
        ...action,
      },
    };
  if (method === 'POST') return undefined;
  return models(path.startsWith('/v1/') ? undefined : methodical, unescaped(named));
}

/** `/v1/messages` of `/v1/messages/count_tokens`. */
const rootOf = (path: string): string => path.split('/', 3).join('/');

/** The owner of all addresses below the root of one of its calls. */
const protocolOfRoot = new Map(
  protocols.flatMap((protocol) =>
    Object.keys(codecs[protocol].addresses.calls).map((call) => [rootOf(call), protocol] as const),
  ),
);

/**
 * The protocol whose error shape a client of this address reads. The address determines it; where it is unknown, or one that
 * protocols share, the headers do.
 */
export function protocolOf(address: string, headers: Headers): Protocol {
  const path = ownAddress(address);
  const speaking =
    protocolOfRoot.get(rootOf(path)) ??
    protocols.find((protocol) => codecs[protocol].addresses.further?.test(path));
  return speaking ?? otherBaseOf(address)?.protocol ?? protocolByHeaders(headers);
}

/** Whose client it is by its headers alone: OpenAI's have none of their own. */
export function protocolByHeaders(headers: Headers): Protocol {
  const named = protocols.find((protocol) => {
    const { header } = codecs[protocol].addresses;
    return header !== undefined && headers.has(header);
  });
  return named ?? usual;
}
