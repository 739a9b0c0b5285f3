/** Services with an OpenAI protocol that are known by name: entries of `openai-compatibility` without a `base-url`. */
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { compatible } from './openai.ts';
import type { AdaptedCall, Provider } from './provider.ts';

export interface Service {
  /** For people. */
  title: string;
  /** `gen_ai.provider.name` of the OpenTelemetry conventions, where they call it otherwise. */
  genaiName?: string;
  /** Where its API is, up to and including the version; undefined where each customer has an address of their own. */
  baseUrl: string | undefined;
  /** Other names under which entries mean it. */
  otherNames?: readonly string[];
  /** Its hosts besides that of `baseUrl`; `*` matches any text. Entries with such a `base-url` are its own, too. */
  hosts?: readonly string[];
  /** It runs on the owner's computer and asks for no key. */
  keyless?: true;
  /** It lists no models itself: these are served, or those that the entry names. */
  models?: readonly string[];
  /** It lists its models elsewhere than at `/models`, or in a form of its own; asked where the entry names none. */
  offers?: Provider['offers'];
  /** Fields of Chat Completions that it refuses, with the values that equal their absence. */
  refuses?: Readonly<Record<string, readonly Json[]>>;
  /** Fields of messages that it refuses. */
  refusesInMessages?: readonly string[];
  /** As in {@link Provider}; absent also where usage comes unasked. */
  streamUsage?: boolean;
  /** Its other differences from OpenAI's protocol: laid over the record of any compatible service. */
  differences?: (settings: ServiceSettings) => Partial<Provider>;
  /** Whether an entry of its name and this `base-url` is really for it, where the name alone may mean something else. */
  isAddress?: (baseUrl: string) => boolean;
  /** The address of its API in what people write as its `base-url`. */
  addressOf?: (baseUrl: string) => string;
  /** For the reference: what an owner must know, and what the gateway does differently. */
  notes?: string;
  /** Where all this is written. */
  source: string;
}

/** The members of a configuration entry that change the calls to the service. */
export interface ServiceSettings {
  protocol: 'openai-chat' | 'openai-responses';
  apiVersion?: string | undefined;
}

/** The provider for a service; `lists`: its own list of models is served, since the entry names none. */
export function serviceProvider(
  service: Service | undefined,
  settings: ServiceSettings,
  lists: boolean,
): Provider {
  const base = compatible(settings.protocol, lists && service?.models === undefined);
  if (service === undefined) return base;
  const { models = [], streamUsage } = service;
  const shipped = lists
    ? { models, families: models, ...(service.offers && { offers: service.offers }) }
    : {};
  const adapt = settings.protocol === 'openai-chat' ? withoutRefused(service) : undefined;
  const own = { title: service.title, streamUsage, ...(adapt && { adapt }) };
  return { ...base, ...shipped, ...own, ...service.differences?.(settings) };
}

function withoutRefused({ title, refuses = {}, refusesInMessages = [] }: Service): Provider['adapt'] {
  if (Object.keys(refuses).length === 0 && refusesInMessages.length === 0) return undefined;
  return (body, call) =>
    withoutMessageFields(withoutFields(body, refuses, title, call), refusesInMessages, title, call);
}

/** The body without fields that a service refuses; only what the client meant by them is reported. */
export function withoutFields(
  body: JsonObject,
  refused: Readonly<Record<string, readonly Json[]>>,
  service: string,
  { report }: Pick<AdaptedCall, 'report'>,
): JsonObject {
  const found = Object.keys(refused).filter((field) => body[field] !== undefined);
  if (found.length === 0) return body;
  const rest = { ...body };
  for (const field of found) {
    const value = body[field];
    delete rest[field];
    if (value !== null && !refused[field]?.some((idle) => idle === value))
      report('dropped', field, `${service} has no such parameter`);
  }
  return rest;
}

/** The same for fields of messages. */
export function withoutMessageFields(
  body: JsonObject,
  refused: readonly string[],
  service: string,
  { report }: Pick<AdaptedCall, 'report'>,
): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  const lost = new Set<string>();
  const kept = messages.map((message) => {
    if (!isObject(message)) return message;
    const found = refused.filter((field) => message[field] !== undefined);
    if (found.length === 0) return message;
    const rest = { ...message };
    for (const field of found) {
      if (message[field] !== null && message[field] !== '') lost.add(field);
      delete rest[field];
    }
    return rest;
  });
  for (const field of lost) report('dropped', `messages.${field}`, `${service} takes none back`);
  return kept.some((message, index) => message !== messages[index]) ? { ...body, messages: kept } : body;
}
