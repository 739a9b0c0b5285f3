/** The body of `generateContent` → a canonical request. */

import { describe, InvalidRequest, requireObject } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asObject, asObjects, unknownFields } from '../json-members.ts';
import type { Message, Part, ReasoningPart } from '../model.ts';
import type { Request } from '../request.ts';
import { openedThinking } from '../signature-envelope.ts';
import { callLinks } from './call-links.ts';
import { decodePart, requirePart } from './content-decode.ts';
import { camelCased, compact, protocol } from './kept-fields.ts';
import { decodeGeneration } from './settings.ts';
import { decodeToolConfig, decodeTools } from './tools.ts';

const bodyFields = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
]);

/** Reads the body in either spelling of its fields. Throws InvalidRequest naming the field. */
export function decodeRequest(raw: JsonObject, envelope: { model: string; stream: boolean }): Request {
  const body = camelCased(raw);
  const links = callLinks();
  const messages: Message[] = [];
  const { systemInstruction, contents, tools } = body;
  if (systemInstruction !== undefined && systemInstruction !== null)
    addContent(asContent(systemInstruction), 'systemInstruction', 'system');
  if (contents === undefined || contents === null)
    throw new InvalidRequest('contents', `expected an array, found ${describe(contents)}`);
  asArray(contents).forEach((content, i) => {
    addContent(asContent(content), `contents.${i}`);
  });

  function addContent(value: JsonObject, path: string, known?: 'system'): void {
    const content = camelCased(value);
    const raws = asArray(content.parts).map((item, i) => requirePart(item, `${path}.parts.${i}`));
    const role = known ?? roleOf(content, raws, path);
    const runs = role === 'assistant' ? servedRuns(raws) : [{ role, raws }];
    let at = 0;
    for (const run of runs) {
      const parts: Part[] = [];
      for (const raw of run.raws) {
        const part = decodePart(raw, `${path}.parts.${at++}`, links);
        const thought = carriedThought(part);
        if (thought !== undefined) addPart(parts, thought, messages);
        addPart(parts, part, messages);
      }
      messages.push({ role: run.role, parts });
    }
  }

  const { settings, rest } = decodeGeneration(asObject(body.generationConfig) ?? {});
  const request: Request = { ...envelope, messages, ...settings };
  if (tools !== undefined && tools !== null) request.tools = decodeTools(tools);
  const { choice, rest: toolRest } = decodeToolConfig(asObject(body.toolConfig) ?? {});
  if (choice !== undefined) request.toolChoice = choice;
  const unread = unknownFields(body, bodyFields) ?? {};
  if (filtersNothing(unread.safetySettings)) delete unread.safetySettings;
  request.extra = {
    protocol,
    fields: compact({ ...unread, generationConfig: rest, toolConfig: toolRest }) ?? {},
  };
  return request;
}

/** Whether the settings switch filters off, as an upstream without them does by itself. */
function filtersNothing(settings: Json | undefined): boolean {
  const thresholds = asObjects(settings).map((setting) => setting.threshold);
  return thresholds.length > 0 && thresholds.every((word) => word === 'BLOCK_NONE' || word === 'OFF');
}

/** A content; a bare text or a list of parts, as some clients write them, counts as the content that holds it. */
function asContent(value: Json): JsonObject {
  if (typeof value === 'string') return { parts: [{ text: value }] };
  if (Array.isArray(value)) return { parts: value };
  return requireObject(value, 'contents');
}

function roleOf(content: JsonObject, parts: JsonObject[], path: string): Message['role'] {
  switch (content.role) {
    case 'user':
    case 'function':
    case 'tool':
      return 'user';
    case 'model':
    case 'assistant':
      return 'assistant';
    case 'system':
      return 'system';
    case undefined:
    case null:
    case '':
      return parts.some((part) => isObject(camelCased(part).functionCall)) ? 'assistant' : 'user';
    default:
      throw new InvalidRequest(`${path}.role`, `expected "user" or "model", found ${describe(content.role)}`);
  }
}

/** Responses inside the model's own turn (the server has run these calls) are the user's elsewhere: the turn is cut around them. */
function servedRuns(raws: JsonObject[]): { role: Message['role']; raws: JsonObject[] }[] {
  const runs: { role: Message['role']; raws: JsonObject[] }[] = [];
  for (const raw of raws) {
    const role = isObject(camelCased(raw).functionResponse) ? 'user' : 'assistant';
    const last = runs.at(-1);
    if (last?.role === role) last.raws.push(raw);
    else runs.push({ role, raws: [raw] });
  }
  return runs.length > 0 ? runs : [{ role: 'assistant', raws }];
}

/**
 * Adds the part. A foreign signature that came in an empty thought belongs to the thought before it, of which clients
 * that keep a stream's chunks have many pieces, each in a part or even in a content of its own.
 */
function addPart(parts: Part[], part: Part, earlier: Message[]): void {
  const detached =
    part.type === 'reasoning' &&
    part.text.length === 0 &&
    !part.redacted &&
    part.signature !== undefined &&
    part.signature.family !== 'gemini';
  const pieces = detached ? [...takeThoughts(earlier, parts), ...trailingThoughts(parts)] : [];
  const [first] = pieces;
  if (first === undefined || part.type !== 'reasoning') parts.push(part);
  else
    parts.push({
      ...first,
      text: pieces.map(({ text }) => text).join(''),
      ...(part.signature && { signature: part.signature }),
    });
}

/** The thought whose signature a call has carried through the client: in other protocols it precedes the call. */
function carriedThought(part: Part): ReasoningPart | undefined {
  if (part.type !== 'tool-call' || part.signature === undefined || part.signature.family === 'gemini')
    return undefined;
  const { signature } = part;
  delete part.signature;
  return openedThinking(signature);
}

/** Takes the unsigned thoughts from the end of the list. */
function trailingThoughts(parts: Part[]): ReasoningPart[] {
  const taken: ReasoningPart[] = [];
  for (let last = parts.at(-1); isUnsignedThought(last); last = parts.at(-1)) {
    taken.unshift(last);
    parts.pop();
  }
  return taken;
}

/** Takes the messages away that are nothing but the beginning of the thought that `parts` goes on with. */
function takeThoughts(earlier: Message[], parts: readonly Part[]): ReasoningPart[] {
  if (!parts.every(isUnsignedThought)) return [];
  const taken: ReasoningPart[] = [];
  for (let last = earlier.at(-1); last?.role === 'assistant'; last = earlier.at(-1)) {
    if (!last.parts.every(isUnsignedThought)) break;
    taken.unshift(...trailingThoughts(last.parts));
    earlier.pop();
  }
  return taken;
}

function isUnsignedThought(part: Part | undefined): part is ReasoningPart {
  return part?.type === 'reasoning' && part.signature === undefined && part.redacted !== true;
}
