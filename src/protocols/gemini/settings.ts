/** `generationConfig`, both ways. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asNumber, asObject, asString } from '../json-members.ts';
import { fittedMaxTokens } from '../model-traits.ts';
import {
  effortBudgets,
  fitReasoning,
  isEffort,
  nearestLevel,
  type ReasoningAmount,
  reportFitted,
} from '../reasoning.ts';
import type { Effort, OutputFormat, ReasoningSetting, Request } from '../request.ts';
import { modalityWord } from './enum-numbers.ts';
import { geminiSchema } from './json-schema.ts';
import { camelCased, compact, isOlderModel } from './kept-fields.ts';
import { jsonSchemaOf } from './openapi-schema.ts';

/** Fields that are a number on both sides. */
const numbers = [
  ['maxOutputTokens', 'maxTokens'],
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['topK', 'topK'],
  ['seed', 'seed'],
  ['presencePenalty', 'presencePenalty'],
  ['frequencyPenalty', 'frequencyPenalty'],
  ['candidateCount', 'n'],
] as const;

const modalities = { TEXT: 'text', IMAGE: 'image', AUDIO: 'audio' } as const;

// ---------------------------------------------------------------- reading

/** The settings that a `generationConfig` makes, and the fields that only this protocol has. */
export function decodeGeneration(value: JsonObject): {
  settings: Partial<Request>;
  rest?: JsonObject;
} {
  const { thinkingConfig, ...config } = camelCased(value);
  const settings: Partial<Request> = {};
  const rest: JsonObject = { ...config };
  for (const [wire, canonical] of numbers) {
    const number = asNumber(config[wire]);
    if (number === undefined) continue;
    settings[canonical] = number;
    delete rest[wire];
  }
  const stop = config.stopSequences;
  if (Array.isArray(stop)) {
    settings.stop = stop.filter((text) => typeof text === 'string');
    delete rest.stopSequences;
  }
  if (config.responseLogprobs === true) {
    settings.logprobs = typeof config.logprobs === 'number' ? { top: config.logprobs } : {};
    delete rest.responseLogprobs;
    delete rest.logprobs;
  }
  const wanted = decodeModalities(config);
  if (wanted !== undefined) {
    settings.modalities = wanted;
    delete rest.responseModalities;
  }
  const output = decodeOutput(config);
  if (output !== undefined) {
    settings.output = output;
    delete rest.responseMimeType;
    delete rest.responseSchema;
    delete rest.responseJsonSchema;
  }
  const thinking = asObject(thinkingConfig);
  if (thinking !== undefined) settings.reasoning = decodeThinking(thinking);
  const left = compact(rest);
  return { settings, ...(left && { rest: left }) };
}

function decodeModalities(config: JsonObject): Request['modalities'] {
  const list = config.responseModalities;
  if (!Array.isArray(list)) return undefined;
  const known = list.flatMap((item) => {
    const name = modalityWord(item)?.toUpperCase();
    return name === 'TEXT' || name === 'IMAGE' || name === 'AUDIO' ? [modalities[name]] : [];
  });
  return known.length === list.length ? known : undefined;
}

/** The output format of these fields; undefined where the model has none (`text/x.enum`). */
function decodeOutput(config: JsonObject): OutputFormat | undefined {
  const { responseJsonSchema, responseSchema } = config;
  const bare = config.responseMimeType === 'text/x.enum' && { bare: true };
  if (isObject(responseJsonSchema)) return { type: 'json-schema', schema: responseJsonSchema, ...bare };
  if (isObject(responseSchema)) return { type: 'json-schema', schema: jsonSchemaOf(responseSchema), ...bare };
  if (config.responseMimeType === 'application/json') return { type: 'json' };
  return config.responseMimeType === 'text/plain' ? { type: 'text' } : undefined;
}

// ---------------------------------------------------------------- writing

/** The `generationConfig` for the request; undefined when it is empty. */
export function encodeGeneration(request: Request, target: EncodeTarget): JsonObject | undefined {
  const { report } = target;
  const config: JsonObject = {};
  for (const [wire, canonical] of numbers) {
    const number = request[canonical];
    if (number !== undefined) config[wire] = number;
  }
  fitNumbers(config, report);
  const tokens = fittedMaxTokens(request, target.traits, report);
  if (tokens !== undefined) config.maxOutputTokens = tokens;
  if (request.stop !== undefined) config.stopSequences = encodeStop(request.stop, report);
  if (request.logprobs !== undefined) {
    config.responseLogprobs = true;
    if (request.logprobs.top !== undefined) config.logprobs = request.logprobs.top;
  }
  if (request.modalities !== undefined)
    config.responseModalities = request.modalities.map((modality) => modality.toUpperCase());
  const thinking = encodeThinking(request.reasoning, target);
  if (thinking !== undefined) config.thinkingConfig = thinking;
  Object.assign(config, encodeOutput(request.output, report));
  return compact(config);
}

/** Google's `seed` is an int32, other protocols' are not. */
function fitNumbers(config: JsonObject, report: LossReport): void {
  const { seed, topK } = config;
  if (typeof seed === 'number' && (seed | 0) !== seed) {
    config.seed = Math.abs(Math.trunc(seed)) % 0x80000000;
    report('approximated', 'seed', `${config.seed}, as the upstream's are 32 bits`);
  }
  if (typeof topK === 'number') config.topK = Math.max(1, Math.round(topK));
}

/** Source: ai.google.dev/api/generate-content, `stopSequences`: "up to 5". */
const maxStops = 5;

function encodeStop(stop: string[], report: LossReport): string[] {
  const usable = stop.filter((text) => text.length > 0);
  for (const text of usable.slice(maxStops))
    report('dropped', 'stop', `the upstream takes ${maxStops}; not ${JSON.stringify(text)}`);
  return usable.slice(0, maxStops);
}

function encodeOutput(output: OutputFormat | undefined, report: LossReport): JsonObject | undefined {
  switch (output?.type) {
    case 'json':
      return { responseMimeType: 'application/json' };
    case 'json-schema':
      return {
        responseMimeType: 'application/json',
        responseJsonSchema: geminiSchema(output.schema, report),
      };
    default:
      return undefined;
  }
}

/** Source: ai.google.dev/gemini-api/docs/thinking#thinking-levels. */
const levels: Effort[] = ['minimal', 'low', 'medium', 'high'];

/** Reads the setting. Reasoning is hidden by default: `includeThoughts` is false by default. */
export function decodeThinking(value: JsonObject): ReasoningSetting {
  const config = camelCased(value);
  const setting: ReasoningSetting = { show: config.includeThoughts === true ? 'auto' : 'none' };
  const level = asString(config.thinkingLevel)?.toLowerCase();
  const budget = asNumber(config.thinkingBudget);
  if (isEffort(level)) setting.amount = { kind: 'effort', effort: level };
  else if (budget !== undefined) {
    if (budget === 0) setting.amount = { kind: 'off' };
    else setting.amount = budget < 0 ? { kind: 'auto' } : { kind: 'budget', tokens: budget };
  }
  return setting;
}

/**
 * Writes the setting: a level where the model knows levels, else a budget. A client that requests reasoning in another
 * protocol sees it, unless it excludes that.
 */
export function encodeThinking(
  setting: ReasoningSetting | undefined,
  target: EncodeTarget,
): JsonObject | undefined {
  if (setting === undefined) return undefined;
  const traits = target.traits?.reasoning;
  if (traits?.kind === 'none') {
    if (setting.amount?.kind !== 'off') target.report('dropped', 'reasoning', 'the model does not think');
    return undefined;
  }
  const amount = fitReasoning(setting.amount, traits);
  reportFitted(setting.amount, amount, target.report);
  const config: JsonObject =
    amount === undefined ? {} : encodeAmount(amount, traits?.kind === 'levels', target);
  // Who asked for no thinking does not see what cannot be switched off.
  if (setting.show !== 'none' && setting.amount?.kind !== 'off') config.includeThoughts = true;
  return config;
}

function encodeAmount(amount: ReasoningAmount, hasLevels: boolean, target: EncodeTarget): JsonObject {
  switch (amount.kind) {
    case 'off':
      return { thinkingBudget: 0 };
    case 'auto':
      return { thinkingBudget: -1 };
    case 'budget':
      return { thinkingBudget: amount.tokens };
    case 'effort': {
      // What every thinking model before levels takes. Source: ai.google.dev/gemini-api/docs/thinking#set-budget.
      if (!hasLevels && isOlderModel(target.model))
        return { thinkingBudget: Math.min(24_576, effortBudgets[amount.effort]) };
      const level = nearestLevel(amount.effort, levels) ?? 'high';
      if (level !== amount.effort) target.report('approximated', 'reasoning', `level ${level}`);
      return { thinkingLevel: level.toUpperCase() };
    }
  }
}
