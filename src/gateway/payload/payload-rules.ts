/**
 * The owner's rules for bodies that go to providers: made once per configuration, asked once per attempt. They see the body
 * in the provider's protocol, before what the service itself refuses is taken out of it.
 */
import type { PayloadConfig, PayloadModels } from '../../config/payload-keys.ts';
import { isObject, type JsonObject } from '../../protocols/json.ts';
import type { Protocol } from '../../protocols/model.ts';
import { protocolNamed } from '../../protocols/names.ts';
import { matchesPattern } from '../../providers/pattern.ts';
import { accountProviders } from '../../providers/registry.ts';
import {
  type Fresh,
  type JsonPath,
  parsePath,
  placesOf,
  sameJson,
  valueAt,
  withoutPlace,
  withValue,
} from './json-path.ts';

type Json = JsonObject[string];

/** A request on its way to a provider. */
export interface PayloadCall {
  /** The provider's name of the model, and the client's with and without a suffix. */
  models: readonly string[];
  protocol: Protocol;
  provider: string;
  clientProtocol: Protocol;
  headers: Headers;
}

/** Gives the very same object where no rule changes anything. */
export type ShapeBody = (body: JsonObject) => JsonObject;

export interface PayloadRules {
  /** What is to be done with the body of a call; undefined where no rule can be for it. */
  shaping(call: PayloadCall): ShapeBody | undefined;
}

interface Rule {
  models: PayloadModels;
  params: { path: JsonPath; value: Json }[];
}

interface Rules {
  default: Rule[];
  override: Rule[];
  filter: Rule[];
}

/** Undefined where there are no rules, so that nothing is asked of them. Rules that cannot be read are left out. */
export function payloadRules(config: PayloadConfig): PayloadRules | undefined {
  const rules: Rules = {
    default: [...config.default.map(plain), ...config['default-raw'].map(raw)],
    override: [...config.override.map(plain), ...config['override-raw'].map(raw)],
    filter: config.filter.map(({ models, params }) => ({
      models,
      params: params.flatMap((path) => parameter(path, null)),
    })),
  };
  const all = [...rules.default, ...rules.override, ...rules.filter];
  if (all.every(({ params }) => params.length === 0)) return undefined;
  return {
    shaping(call) {
      const mayFit = ({ models }: Rule): boolean => models.some((row) => isFor(row, call));
      if (!all.some(mayFit)) return undefined;
      return (body) => shaped(body, rules, call);
    },
  };
}

function plain({ models, params }: PayloadConfig['override'][number]): Rule {
  return {
    models,
    params: Object.entries(params).flatMap(([path, value]) => {
      const json = jsonOf(value);
      return json === undefined ? [] : parameter(path, json);
    }),
  };
}

/** Values of YAML that JSON has, too. */
function jsonOf(value: unknown): Json {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}

function raw({ models, params }: PayloadConfig['override'][number]): Rule {
  return {
    models,
    params: Object.entries(params).flatMap(([path, text]) => {
      if (typeof text !== 'string') return plain({ models, params: { [path]: text } }).params;
      try {
        return parameter(path, JSON.parse(text));
      } catch {
        return [];
      }
    }),
  };
}

function parameter(text: string, value: Json): Rule['params'] {
  const path = parsePath(text);
  return path === undefined ? [] : [{ path, value }];
}

function shaped(body: JsonObject, rules: Rules, call: PayloadCall): JsonObject {
  let current: Json = body;
  const fits = ({ models }: Rule): boolean =>
    models.some((row) => isFor(row, call) && conditionsHold(row, current));
  const given = new Set<string>();
  const fresh: Fresh = new Set();
  for (const rule of rules.default.filter(fits))
    for (const { path, value } of rule.params)
      for (const place of placesOf(current, path)) {
        const key = JSON.stringify(place);
        // A value of the request stays; of several rules the first applies.
        if (given.has(key) || valueAt(body, place) !== undefined) continue;
        given.add(key);
        current = withValue(current, place, value, fresh);
      }
  for (const rule of rules.override) {
    if (!fits(rule)) continue;
    for (const { path, value } of rule.params)
      for (const place of placesOf(current, path)) current = withValue(current, place, value, fresh);
  }
  for (const rule of rules.filter) {
    if (!fits(rule)) continue;
    // From behind: what is removed moves those that follow.
    for (const { path } of rule.params)
      for (const place of placesOf(current, path).reverse()) current = withoutPlace(current, place, fresh);
  }
  return isObject(current) ? current : body;
}

/** Whether a row is for the call, as far as that is known without the body. */
function isFor(row: PayloadModels[number], call: PayloadCall): boolean {
  const { name, protocol, 'from-protocol': from, headers } = row;
  if (name === undefined || !call.models.some((model) => matchesPattern(model, name))) return false;
  if (protocol !== undefined && !isFormat(protocol, call.protocol, call.provider)) return false;
  if (from !== undefined && !isFormat(from, call.clientProtocol, undefined)) return false;
  return Object.entries(headers ?? {}).every(([header, pattern]) => {
    const value = call.headers.get(header);
    return value !== null && matchesPattern(value, pattern);
  });
}

/** Formats of services that wrap Gemini's; the peer counts them apart. */
const wrapped = new Set(
  Object.values(accountProviders).flatMap(({ name, ownPayloadForm }) => (ownPayloadForm ? name : [])),
);

function isFormat(word: string, protocol: Protocol, provider: string | undefined): boolean {
  const name = word.trim().toLowerCase();
  if (provider !== undefined && wrapped.has(provider)) return name === provider;
  return protocolNamed(name) === protocol;
}

function conditionsHold(row: PayloadModels[number], body: Json): boolean {
  const { match = [], 'not-match': notMatch = [], exist = [], 'not-exist': notExist = [] } = row;
  const has = (path: string, value: unknown): boolean =>
    valuesOf(body, path).some((found) => sameJson(found, jsonOf(value)));
  // An empty value counts as missing.
  const isThere = (path: string): boolean =>
    valuesOf(body, path).some((found) => found !== undefined && found !== null);
  return (
    match.every((wanted) => Object.entries(wanted).every(([path, value]) => has(path, value))) &&
    !notMatch.some((unwanted) => Object.entries(unwanted).some(([path, value]) => has(path, value))) &&
    exist.every(isThere) &&
    !notExist.some(isThere)
  );
}

function valuesOf(body: Json, text: string): Json[] {
  const path = parsePath(text);
  return path === undefined ? [] : placesOf(body, path).map((place) => valueAt(body, place));
}
