/** What becomes another in a Gemini client's body on its way to an upstream of this protocol. Everything else goes through as it came. */
import { folded, withLimits } from '../answer-limit.ts';
import type { EncodeTarget, LossReport } from '../codec.ts';
import { isSame, type Json, type JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { mappedList } from '../json-patch.ts';
import { fitReasoning, type ReasoningAmount, reportForeignThinking } from '../reasoning.ts';
import { isOlderModel } from './kept-fields.ts';
import { decodeThinking, encodeThinking } from './settings.ts';
import { readSignature, skipSignature } from './signatures.ts';

/** {@link Codec.withAmount}: in `thinkingConfig`, under the names that the client has for it. */
export function withAmount(given: JsonObject, amount: ReasoningAmount, target: EncodeTarget): JsonObject {
  const body = withOneThinking(given);
  const generationKey = spelled(body, 'generationConfig', 'generation_config');
  const generation = asObject(body[generationKey]) ?? {};
  const thinkingKey = spelled(generation, 'thinkingConfig', 'thinking_config');
  const thinks = asObject(generation[thinkingKey]);
  const said = thinks && decodeThinking(thinks);
  const fitted = fitReasoning(amount, target.traits?.reasoning);
  // The client's setting is equal already.
  if (isSame(said?.amount, amount) && isSame(fitted, amount)) return body;
  const written = encodeThinking({ ...said, amount }, target);
  if (written === undefined) {
    const { [thinkingKey]: _, ...others } = generation;
    return { ...body, [generationKey]: others };
  }
  const thinking: JsonObject = { ...thinks };
  for (const field of amountFields) delete thinking[field];
  return { ...body, [generationKey]: { ...generation, [thinkingKey]: { ...thinking, ...written } } };
}

/** Of `thinkingConfig`, as Google's JSON mapping takes them (protobuf.dev/programming-guides/json). */
const amountFields = [
  ...['thinkingLevel', 'thinkingBudget', 'includeThoughts'],
  ...['thinking_level', 'thinking_budget', 'include_thoughts'],
];

/** The body without the second form of the setting: the provider must not find two amounts. */
function withOneThinking(body: JsonObject): JsonObject {
  const first = spelled(body, 'generationConfig', 'generation_config');
  const generation = asObject(body[first]);
  let one = body;
  if (generation?.thinkingConfig !== undefined && generation.thinking_config !== undefined) {
    const { thinking_config: _, ...others } = generation;
    one = { ...one, [first]: others };
  }
  const second = first === 'generationConfig' ? asObject(body.generation_config) : undefined;
  if (second?.thinkingConfig === undefined && second?.thinking_config === undefined) return one;
  const { thinkingConfig: _, thinking_config: __, ...others } = second;
  return { ...one, generation_config: others };
}

function spelled(node: JsonObject, name: string, other: string): string {
  return node[name] === undefined && node[other] !== undefined ? other : name;
}

/** {@link Codec.withAnswerLimit}: in `maxOutputTokens`, under the names that the client has for it. */
export function withAnswerLimit(body: JsonObject, most: number, { report }: EncodeTarget): JsonObject {
  const said = Object.keys(body).filter((name) => folded(name) === 'generationconfig');
  const changes: JsonObject = {};
  for (const name of said.length === 0 ? ['generationConfig'] : said) {
    const generation = asObject(body[name]) ?? {};
    const shorter = withLimits(generation, 'maxOutputTokens', most, report);
    if (shorter !== generation) changes[name] = shorter;
  }
  return Object.keys(changes).length === 0 ? body : { ...body, ...changes };
}

/**
 * {@link Codec.sameProtocolSignatures}: thoughts that another family signed go, other parts stay without its signature. Calls that are
 * unsigned then get the word that the check passes over.
 */
export function sameProtocolSignatures(
  body: JsonObject,
  { model, report }: Pick<EncodeTarget, 'model' | 'report'>,
): JsonObject {
  const contents = mappedList(body.contents, (value) => {
    const content = asObject(value);
    if (content === undefined) return value;
    const own = mappedList(content.parts, (part) => ownPart(part, report));
    if (Array.isArray(own) && own.length === 0 && own !== content.parts) return undefined;
    const parts = content.role === 'model' && !isOlderModel(model) ? withFirstSigned(own) : own;
    return parts === content.parts ? content : { ...content, parts };
  });
  return contents === body.contents ? body : { ...body, contents };
}

const signatureFields = ['thoughtSignature', 'thought_signature'];

function ownPart(value: Json, report: LossReport): Json | undefined {
  const part = asObject(value);
  const field = signatureFields.find((name) => part?.[name] !== undefined);
  const signature = field && asString(part?.[field]);
  if (part === undefined || field === undefined || !signature) return value;
  if (readSignature(signature).signature.family === 'gemini') return part;
  if (part.thought === true) {
    reportForeignThinking(report);
    return undefined;
  }
  const { [field]: _, ...unsigned } = part;
  return unsigned;
}

function withFirstSigned(parts: Json | undefined): Json | undefined {
  let found = false;
  return mappedList(parts, (value) => {
    const part = asObject(value);
    const call = part?.functionCall ?? part?.function_call;
    if (part === undefined || call === undefined || found) return value;
    found = true;
    return signatureFields.some((name) => part[name] !== undefined)
      ? part
      : { ...part, thoughtSignature: skipSignature };
  });
}
