/** What the coverage table is made of: something that a client can ask or an answer can say, in each protocol's words. */
import { isObject, type Json, type JsonObject } from '../../src/protocols/json.ts';
import type { FactsName } from '../facts.ts';

/** Whether a body says it wholly, or in part (an approximation that nobody has to be told of), or not. */
export type Heard = boolean | 'in part';
export type Hears = (body: JsonObject) => Heard;

/** Why a cell is not simply kept: one text for all, or one per protocol on the other side. */
export type Note = string | Partial<Record<FactsName, string>>;

/** Something a request can ask. */
export interface RequestFeature {
  name: string;
  /** The fields of a request in the client's words, beside a greeting. A client without it cannot ask. */
  asks: Partial<Record<FactsName, JsonObject>>;
  /** How the upstream's words say it. An upstream without it has no words for it. */
  heard: Partial<Record<FactsName, Hears>>;
  /** Per upstream (then per client): how it is approximated, or why it is impossible. */
  notes?: Partial<Record<FactsName, Note>>;
  /** Upstream models other than {@link usualModels}, where the model decides. */
  models?: Partial<Record<FactsName, string>>;
  /** True where what the model can do decides; otherwise it is taken to be able to do all. */
  ofModel?: boolean;
}

/** Something an answer can say. */
export interface AnswerFeature {
  name: string;
  /** The fields of an answer in the upstream's words. */
  told: Partial<Record<FactsName, JsonObject>>;
  /** How the answer that the client gets says it. */
  heard: Partial<Record<FactsName, Hears>>;
  /** Per client (then per upstream): how it is approximated, or why it is impossible. */
  notes?: Partial<Record<FactsName, Note>>;
  /** What the request said, where answers are read by it. */
  asks?: Partial<Record<FactsName, JsonObject>>;
}

/** The upstream models that requests are written for. */
export const usualModels: Record<FactsName, string> = {
  chat: 'gpt-4.1',
  responses: 'gpt-5.2',
  anthropic: 'claude-opus-4-6',
  gemini: 'gemini-3-pro-preview',
};

/** A request that asks nothing but an answer. */
export const greeting: Record<FactsName, JsonObject> = {
  chat: { model: 'm', messages: [{ role: 'user', content: 'Hello' }] },
  responses: { model: 'm', input: [{ type: 'message', role: 'user', content: 'Hello' }] },
  anthropic: { model: 'm', max_tokens: 30_000, messages: [{ role: 'user', content: 'Hello' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
};

/** The value at a path of names and places: `tools.0.name`. */
export function at(body: Json | undefined, path: string): Json | undefined {
  let value = body;
  for (const step of path.split('.')) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isObject(value)) value = value[step];
    else return undefined;
  }
  return value;
}

/** Hears this value at this path; any value where none is named. */
export function says(path: string, value?: Json): Hears {
  return (body) => {
    const found = at(body, path);
    return value === undefined ? found !== undefined && found !== null : Bun.deepEquals(found, value);
  };
}

/** Hears an approximation: the body says this, which is not all that was asked. */
export function partly(hears: Hears): Hears {
  return (body) => (hears(body) ? 'in part' : false);
}

/** Hears all of them. */
export function all(...hears: Hears[]): Hears {
  return (body) => {
    const heard = hears.map((each) => each(body));
    return heard.includes(false) ? false : heard.includes('in part') ? 'in part' : true;
  };
}

/** Hears that the body says nothing at this path. */
export function lacks(path: string): Hears {
  return (body) => at(body, path) === undefined;
}

/** Hears this text anywhere in the body. */
export function mentions(text: string): Hears {
  return (body) => JSON.stringify(body).includes(text);
}
