/** Canonical messages → `systemInstruction` and `contents`. */
import { type LossReport, signatureFor } from '../codec.ts';
import { callsById, joinTurns, lacksLastWord, pairToolResults, splitSystem } from '../conversation.ts';
import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import type {
  FilePart,
  Message,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../model.ts';
import type { Steps } from '../steps.ts';
import { withTextDocuments } from '../text-documents.ts';
import type { ToolNames } from '../tool-names.ts';
import { wireId } from './call-links.ts';
import { encodeCall, encodeMediaPart } from './content-encode.ts';
import { skipSignature } from './signatures.ts';

/** What the contents of one request are written for. */
interface ContentsTarget {
  names: ToolNames;
  report: LossReport;
  /** Before Gemini 3: media in function responses are refused, thought signatures are not asked for. */
  older: boolean;
}

/** Writes the conversation: turns of user and model in exchange, the user first, each response right behind its call. Stops where others may run. */
export function* encodingContents(
  messages: readonly Message[],
  target: ContentsTarget,
): Steps<{ systemInstruction?: JsonObject; contents: JsonObject[] }> {
  const { system, turns } = splitSystem(messages, target.report);
  const systemInstruction = encodeSystem(system, target);
  const calls = callsById(messages);
  const joined = joinTurns(withTextDocuments(turns, target.report));
  yield;
  const ordered = pairToolResults(joined, target.report);
  yield;
  const contents: JsonObject[] = [];
  for (const message of ordered) {
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts =
      role === 'model' ? modelParts(message.parts, target) : userParts(message.parts, calls, target);
    if (parts.length === 0) continue;
    const last = contents.at(-1);
    // A turn between the two may have had nothing that the upstream takes.
    if (last?.role === role && Array.isArray(last.parts)) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  yield;
  const speaker =
    contents.length === 0 ? undefined : contents.at(-1)?.role === 'model' ? 'assistant' : 'user';
  if (lacksLastWord(turns, speaker, ' ', target.report))
    contents.push({ role: 'user', parts: [{ text: ' ' }] });
  if (contents[0]?.role !== 'user') {
    target.report('approximated', 'messages', 'an empty turn of the user comes first');
    contents.unshift({ role: 'user', parts: [{ text: ' ' }] });
  }
  return { ...(systemInstruction && { systemInstruction }), contents };
}

function encodeSystem(system: readonly Message[], target: ContentsTarget): JsonObject | undefined {
  const parts = system.flatMap((message) => message.parts.flatMap((part) => plainPart(part, target)));
  return parts.length > 0 ? { parts } : undefined;
}

function textPart(part: TextPart, signature: string | undefined): JsonObject[] {
  // Vertex AI refuses empty texts.
  if (part.text.length === 0 && signature === undefined) return [];
  return [{ text: part.text, ...(signature !== undefined && { thoughtSignature: signature }) }];
}

/** Parts that are equal in every turn. */
function plainPart(part: Part, target: ContentsTarget): JsonObject[] {
  switch (part.type) {
    case 'text':
      return textPart(part, signatureFor('gemini', part.signature));
    case 'refusal':
      return part.text.length > 0 ? [{ text: part.text }] : [];
    case 'image': {
      if (part.detail !== undefined && part.detail !== 'auto')
        target.report('dropped', 'messages.image.detail', part.detail);
      const signature = signatureFor('gemini', part.signature);
      const media = encodeMediaPart(part, target.report);
      return media === undefined ? [] : [signature ? { ...media, thoughtSignature: signature } : media];
    }
    case 'file': {
      const media = encodeMediaPart(part, target.report);
      reportUnsaid(part, target.report);
      const before = part.context === undefined ? [] : [{ text: part.context }];
      return media === undefined ? before : [...before, media];
    }
    case 'audio':
    case 'video': {
      const media = encodeMediaPart(part, target.report);
      return media === undefined ? [] : [media];
    }
    case 'native':
      if (part.carried !== true)
        target.report(
          'dropped',
          `messages.${asString(part.value.type) ?? 'part'}`,
          `only ${part.protocol} has it`,
        );
      return [];
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      return [];
  }
}

// ---------------------------------------------------------------- the user's turn

function userParts(
  parts: readonly Part[],
  calls: ReadonlyMap<string, ToolCallPart>,
  target: ContentsTarget,
): JsonObject[] {
  const written: JsonObject[] = [];
  // Models before Gemini 3 take media beside function responses, not in them.
  const beside: JsonObject[] = [];
  for (const part of parts) {
    if (part.type === 'tool-result') written.push(functionResponse(part, calls, target, beside));
    else written.push(...beside.splice(0), ...plainPart(part, target));
  }
  return [...written, ...beside];
}

function functionResponse(
  result: ToolResultPart,
  calls: ReadonlyMap<string, ToolCallPart>,
  target: ContentsTarget,
  beside: JsonObject[],
): JsonObject {
  const name = result.name || calls.get(result.callId)?.name || 'unknown_tool';
  const texts: string[] = [];
  const media: JsonObject[] = [];
  for (const part of result.content) {
    if (part.type === 'text') texts.push(part.text);
    // Addresses are taken everywhere beside the response, but not by every deployment in it.
    else if (!target.older && 'source' in part && part.source.kind !== 'url')
      media.push(...plainPart(part, target));
    else beside.push(...plainPart(part, target));
  }
  const response = result.structured ?? { [result.isError ? 'error' : 'output']: texts.join('\n') };
  return {
    functionResponse: {
      ...wireId(result.callId),
      name: target.names.toWire(name),
      response,
      ...(media.length > 0 && { parts: media }),
    },
  };
}

// ---------------------------------------------------------------- the model's turn

/**
 * A signature that came back on a thought of its own (the only place that other protocols have for it) returns to
 * the part after it. Google accepts it on an empty text where there is none.
 */
function modelParts(parts: readonly Part[], target: ContentsTarget): JsonObject[] {
  const written: JsonObject[] = [];
  let loose: string | undefined;
  let firstCall: JsonObject | undefined;
  const settle = (): void => {
    if (loose !== undefined) written.push({ text: '', thoughtSignature: loose });
    loose = undefined;
  };
  for (const part of parts) {
    switch (part.type) {
      case 'reasoning': {
        const signature = signatureFor('gemini', part.signature);
        const thought = encodeThought(part, signature, target);
        if (signature !== undefined) settle();
        if (thought !== undefined) written.push(thought);
        if (signature !== undefined) loose = signature;
        break;
      }
      case 'text': {
        const signature = signatureFor('gemini', part.signature);
        if (signature !== undefined) settle();
        const encoded = textPart(part, signature ?? loose);
        if (encoded.length > 0) loose = undefined;
        written.push(...encoded);
        break;
      }
      case 'tool-call': {
        const signature = signatureFor('gemini', part.signature);
        if (signature !== undefined) settle();
        const call = encodeCall(part, target.names.toWire(part.name));
        if (signature !== undefined || loose !== undefined) call.thoughtSignature = signature ?? loose;
        loose = undefined;
        firstCall ??= call;
        written.push(call);
        break;
      }
      default:
        settle();
        written.push(...plainPart(part, target));
    }
  }
  settle();
  if (firstCall !== undefined && firstCall.thoughtSignature === undefined && !target.older)
    firstCall.thoughtSignature = skipSignature;
  return written;
}

/** Reports the members of a file that other protocols have and this one lacks. */
function reportUnsaid(part: FilePart, report: LossReport): void {
  if (part.citations) report('dropped', 'messages.file.citations', 'the upstream has no such setting');
  if (part.name !== undefined) report('approximated', 'messages.file.name', 'files have no names here');
}

/** A thought that a Gemini model had; those of others are not shown to it as its own. */
function encodeThought(
  part: ReasoningPart,
  signature: string | undefined,
  target: ContentsTarget,
): JsonObject | undefined {
  if (signature !== undefined) return part.text.length > 0 ? { text: part.text, thought: true } : undefined;
  if (part.text.length > 0)
    target.report('dropped', 'messages.reasoning', 'thoughts of another model, or without their signature');
  return undefined;
}
