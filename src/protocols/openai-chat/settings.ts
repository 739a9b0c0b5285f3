/** Request settings that servers spell in several ways, each with its standard spelling. */
import type { LossReport } from '../codec.ts';
import { describe, InvalidRequest, requireObject, requireString } from '../invalid-request.ts';
import { isObject, isSame, type Json, type JsonObject } from '../json.ts';
import { asBoolean, asNumber, asObject } from '../json-members.ts';
import { namedSchema, summaryWord } from '../openai-settings.ts';
import { effortWord, isEffort, type ReasoningAmount } from '../reasoning.ts';
import type { OutputFormat, ReasoningSetting, Request, ToolChoice } from '../request.ts';
import { readToolChoice } from './tools.ts';

/** One setting: its fields and their meaning. */
interface FieldLens<T> {
  fields: readonly string[];
  read(raw: JsonObject): T | undefined;
}

/** A setting that has one standard spelling here, whatever the target. */
export interface Written<T> extends FieldLens<T> {
  write(value: T): JsonObject;
}

function pick(from: JsonObject | undefined, fields: readonly string[]): JsonObject | undefined {
  if (from === undefined) return undefined;
  let picked: JsonObject | undefined;
  for (const field of fields) {
    if (from[field] === undefined) continue;
    picked ??= {};
    picked[field] = from[field];
  }
  return picked;
}

/** Reads a setting; what has no canonical word goes to `unread`, field by field. */
export function readLens<T>(spelled: FieldLens<T>, body: JsonObject, unread: JsonObject): T | undefined {
  const raw = pick(body, spelled.fields);
  if (raw === undefined) return undefined;
  const value = spelled.read(raw);
  if (value === undefined) Object.assign(unread, raw);
  return value;
}

function optionalNumber(body: JsonObject, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined) throw new InvalidRequest(field, `expected a number, found ${describe(value)}`);
  return number;
}

function optionalString(body: JsonObject, field: string): string | undefined {
  const value = body[field];
  return value === undefined || value === null ? undefined : requireString(value, field);
}

/** Settings that mean what the model's mean, under one name here and one there. */
const numbers = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['seed', 'seed'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['n', 'n'],
] as const;
const texts = [
  ['verbosity', 'verbosity'],
  ['service_tier', 'serviceTier'],
  ['user', 'user'],
  ['prompt_cache_key', 'promptCacheKey'],
] as const;

export const scalarFields: readonly string[] = [...numbers, ...texts].map(([field]) => field);

/** Reads the settings with one spelling. Throws {@link InvalidRequest} naming the field. */
export function readScalars(body: JsonObject): Partial<Request> {
  const read: Partial<Request> = {};
  for (const [field, own] of numbers) read[own] = optionalNumber(body, field);
  for (const [field, own] of texts) read[own] = optionalString(body, field);
  return read;
}

/** Writes them; those that the request has not are undefined. */
export function writeScalars(request: Request): JsonObject {
  return Object.fromEntries([...numbers, ...texts].map(([field, own]) => [field, request[own]]));
}

export const maxTokens: FieldLens<number> = {
  fields: ['max_tokens', 'max_completion_tokens'],
  read: (raw) => optionalNumber(raw, 'max_completion_tokens') ?? optionalNumber(raw, 'max_tokens'),
};

export const stop: FieldLens<string[]> = {
  fields: ['stop'],
  read({ stop }) {
    if (stop === null) return undefined;
    if (typeof stop === 'string') return [stop];
    if (Array.isArray(stop) && stop.every((item) => typeof item === 'string')) return stop;
    throw new InvalidRequest('stop', `expected a string or an array of strings, found ${describe(stop)}`);
  },
};

export const toolChoice: FieldLens<ToolChoice> = {
  fields: ['tool_choice', 'function_call'],
  read: (raw) => readToolChoice(raw.tool_choice) ?? readToolChoice(raw.function_call),
};

export const logprobs: Written<NonNullable<Request['logprobs']>> = {
  fields: ['logprobs', 'top_logprobs'],
  read(raw) {
    if (raw.logprobs !== true) return undefined;
    const top = asNumber(raw.top_logprobs);
    return top === undefined ? {} : { top };
  },
  write: ({ top }) => (top === undefined ? { logprobs: true } : { logprobs: true, top_logprobs: top }),
};

export const streamOptions: FieldLens<boolean> = {
  fields: ['stream_options'],
  read: (raw) => asBoolean(asObject(raw.stream_options)?.include_usage),
};

const modalityNames = ['text', 'image', 'audio'] as const;

export const modalities: FieldLens<NonNullable<Request['modalities']>> = {
  fields: ['modalities'],
  read: ({ modalities: wanted }) =>
    Array.isArray(wanted) ? modalityNames.filter((name) => wanted.includes(name)) : undefined,
};

export const output: Written<OutputFormat> = {
  fields: ['response_format'],
  read({ response_format: format }) {
    if (!isObject(format)) return undefined;
    if (format.type === 'text') return { type: 'text' };
    if (format.type === 'json_object') return { type: 'json' };
    if (format.type !== 'json_schema') return undefined;
    const named = requireObject(format.json_schema, 'response_format.json_schema');
    return namedSchema(named, asObject(named.schema) ?? {});
  },
  write(format) {
    if (format.type === 'text') return { response_format: { type: 'text' } };
    if (format.type === 'json') return { response_format: { type: 'json_object' } };
    const { name = 'response', description, schema, strict } = format;
    const wireName = name.slice(0, 64).replace(/[^a-zA-Z0-9_-]/g, '_');
    return {
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: wireName,
          ...(description !== undefined && { description }),
          schema,
          ...(strict !== undefined && { strict }),
        },
      },
    };
  },
};

/** OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, Anthropic-like `thinking`, DashScope's `enable_thinking`. */
export const reasoning: Written<ReasoningSetting> = {
  fields: [
    'reasoning_effort',
    'reasoning',
    'thinking',
    'enable_thinking',
    'thinking_budget',
    'include_reasoning',
  ],
  read(raw) {
    const amount = readAmount(raw);
    const show = readShow(raw);
    if (amount === undefined && show === undefined) return undefined;
    return { amount, show };
  },
  write({ amount }) {
    return { reasoning_effort: effortWord(amount ?? { kind: 'auto' }) };
  },
};

function readAmount(raw: JsonObject): ReasoningAmount | undefined {
  const setting = asObject(raw.reasoning);
  const thinking = asObject(raw.thinking);
  return (
    wordAmount(raw.reasoning_effort) ??
    wordAmount(setting?.effort) ??
    budgetAmount(setting?.max_tokens) ??
    switchAmount(setting?.enabled) ??
    (thinking?.type === 'disabled' ? { kind: 'off' } : undefined) ??
    wordAmount(thinking?.effort) ??
    budgetAmount(thinking?.budget_tokens) ??
    (typeof thinking?.type === 'string' ? { kind: 'auto' } : undefined) ??
    (raw.enable_thinking === true ? budgetAmount(raw.thinking_budget) : undefined) ??
    switchAmount(raw.enable_thinking)
  );
}

function wordAmount(word: Json | undefined): ReasoningAmount | undefined {
  if (word === 'none') return { kind: 'off' };
  if (word === 'auto' || word === 'default') return { kind: 'auto' };
  return isEffort(word) ? { kind: 'effort', effort: word } : undefined;
}

function budgetAmount(tokens: Json | undefined): ReasoningAmount | undefined {
  const budget = asNumber(tokens);
  if (budget === undefined) return undefined;
  return budget === 0 ? { kind: 'off' } : budget < 0 ? { kind: 'auto' } : { kind: 'budget', tokens: budget };
}

function switchAmount(on: Json | undefined): ReasoningAmount | undefined {
  return typeof on === 'boolean' ? { kind: on ? 'auto' : 'off' } : undefined;
}

function readShow(raw: JsonObject): ReasoningSetting['show'] {
  const setting = asObject(raw.reasoning);
  const summary = summaryWord(setting?.summary);
  if (summary !== undefined) return summary;
  const excluded = asBoolean(setting?.exclude);
  if (excluded !== undefined) return excluded ? 'none' : 'auto';
  const included = asBoolean(raw.include_reasoning);
  return included === undefined ? undefined : included ? 'auto' : 'none';
}

/** Reports a request for reasoning without an effort, as `reasoning_effort` has no such value. */
export function reportAsEffort(amount: ReasoningAmount | undefined, report: LossReport): void {
  if (amount === undefined || amount.kind === 'effort') return;
  const wish = { amount };
  if (!isSame(reasoning.read(reasoning.write(wish)), wish))
    report('approximated', 'reasoning', 'chat has efforts only');
}
