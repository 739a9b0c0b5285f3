/** Canonical events → the chunks that clients of `streamGenerateContent` read. */

import type { Finish, StreamEvent, Usage } from '../answer.ts';
import type { EncodeContext, StreamEncoder } from '../codec.ts';
import { reportCut } from '../cut-call.ts';
import { flat, insideQuotes } from '../delta-text.ts';
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import type { Citation, Part, ReasoningPart, Signature, TokenLogprob } from '../model.ts';
import { carriedSignature } from '../signature-envelope.ts';
import { sseText } from '../sse.ts';
import { createTime, encodeAnswerPart } from './answer-encode.ts';
import { argumentsText } from './arguments.ts';
import { wireId } from './call-links.ts';
import { encodeError } from './errors.ts';
import { encodeFinish } from './finish.ts';
import { encodeGrounding } from './grounding.ts';
import { staysShown, wantsThoughts } from './hidden-thinking.ts';
import { ownFields } from './kept-fields.ts';
import { encodeLogprobs } from './logprobs.ts';
import { clientSignature } from './signatures.ts';
import { encodeUsage } from './usage.ts';

/** One part of the answer on its way. */
interface OpenPart {
  readonly part: Part;
  /** Begins and ends the chunk of each delta, quotes included. The beginning is empty where the part is written as a whole. */
  readonly prefix: string;
  readonly suffix: string;
  /** Ends the chunk of any part. */
  readonly partSuffix: string;
  /** The openParts of the same choice in the order in which they began. Only the first is written; the others gather. */
  readonly queue: OpenPart[];
  readonly choice: number;
  /** All text so far: citations are offsets into it, arguments are written as a whole. */
  text: string;
  signature: Signature | undefined;
  citations: Citation[];
  logprobs: TokenLogprob[];
  ended: boolean;
  /** The answer ended inside of the call: a client of Google would run what there is of it. */
  cut: boolean;
}

const partsPrefix = 'data: {"candidates":[{"content":{"parts":[';

/**
 * Writes one stream: a chunk for each delta of text and thought, one for each whole call or picture, and a last one
 * with the finish reason, the sources and the usage. Signatures come on an empty part behind the text they sign.
 * Parts that interleave are written one after the other, since the protocol joins all text in the order it comes.
 */
export function streamEncoder(context: EncodeContext): StreamEncoder {
  const openParts = new Map<number, OpenPart>();
  const queues = new Map<number, OpenPart[]>();
  const cited: OpenPart[] = [];
  const weighed: OpenPart[] = [];
  const finishes = new Map<number, { finish: Finish; fields: JsonObject | undefined }>();
  /** What must come back of thoughts that the client did not ask to see, for the next call of their choice. */
  const carried = new Map<number, Signature>();
  let shows = wantsThoughts(context.request);
  let begun = false;
  let over = false;
  let own = false;
  let usage: Usage | undefined;
  /** The fields of every chunk beside its candidates. */
  let common: JsonObject = {};
  /** The same as JSON text that begins with a comma and ends the object. */
  let tail = '';
  /** The members of a whole answer's start, which a streamed one has at its end. */
  let startFields: JsonObject | undefined;

  function begin(event?: Extract<StreamEvent, { type: 'start' }>): void {
    begun = true;
    const fields = ownFields(event?.extra);
    own = fields !== undefined;
    shows ||= own;
    usage = event?.usage;
    const id = event?.id || (own ? '' : context.newId('gen'));
    const { promptFeedback: _once, candidate: _first, candidates: _others, ...rest } = fields ?? {};
    startFields = fields;
    common = {
      modelVersion: context.model,
      ...(!own && createTime(event?.created)),
      ...(id.length > 0 && { responseId: id }),
      ...rest,
    };
    tail = `,${JSON.stringify(common).slice(1)}`;
  }

  function chunk(openPart: OpenPart, partText: string): string {
    return partsPrefix + partText + openPart.partSuffix;
  }

  function textChunk(openPart: OpenPart, text: string): string {
    return openPart.prefix + insideQuotes(text) + openPart.suffix;
  }

  function partStart(index: number, part: Part, choice: number): string {
    const queue = queues.get(choice) ?? [];
    queues.set(choice, queue);
    const partSuffix = `],"role":"model"},"index":${choice}}]${tail}\n\n`;
    const openPart: OpenPart = {
      part,
      prefix: isHidden(part) ? '' : prefixOf(part),
      suffix: flat('"}', partSuffix),
      partSuffix,
      queue,
      choice,
      text: part.type === 'tool-call' ? part.input : 'text' in part ? part.text : '',
      signature: 'signature' in part ? part.signature : undefined,
      citations: [],
      logprobs: [...((part.type === 'text' && part.logprobs) || [])],
      ended: false,
      cut: false,
    };
    openParts.set(index, openPart);
    return queue.push(openPart) === 1 ? writeGathered(openPart) : '';
  }

  /** The first words of an open part whose turn has come: what it has gathered. */
  function writeGathered(openPart: OpenPart): string {
    const { part } = openPart;
    if (part.type === 'tool-call' || isHidden(part)) return '';
    if (openPart.prefix.length === 0) return writeWhole(openPart, part);
    if (part.type === 'text' || part.type === 'reasoning') {
      const fields = ownFields(part.extra);
      if (fields !== undefined && Object.keys(fields).length > 0)
        return writeWhole(openPart, { ...part, text: openPart.text, signature: undefined });
    }
    return openPart.text.length === 0 ? '' : textChunk(openPart, openPart.text);
  }

  /** Whether the client did not ask to see it; known of Claude's thoughts when they are over, see {@link staysShown}. */
  function isHidden(part: Part): boolean {
    return !shows && part.type === 'reasoning' && !part.redacted;
  }

  function writeWhole(openPart: OpenPart, part: Part): string {
    let text = '';
    for (const value of encodeAnswerPart(part)) text += chunk(openPart, JSON.stringify(value));
    return text;
  }

  function delta(index: number, text: string): string {
    const openPart = openParts.get(index);
    if (openPart === undefined || text.length === 0) return '';
    openPart.text += text;
    if (openPart.prefix.length === 0 || openPart.queue[0] !== openPart) return '';
    return textChunk(openPart, text);
  }

  /** Ends the first open part and goes on with those that waited, up to the first that is not complete. */
  function closeEnded(queue: OpenPart[]): string {
    let text = '';
    for (let openPart = queue[0]; openPart?.ended; openPart = queue[0]) {
      text += lastOf(openPart);
      queue.shift();
      const next = queue[0];
      if (next !== undefined) text += writeGathered(next);
    }
    return text;
  }

  function partEnd(index: number, cut: boolean): string {
    const openPart = openParts.get(index);
    if (openPart === undefined) return '';
    openParts.delete(index);
    openPart.ended = true;
    openPart.cut = cut && !own;
    if (openPart.cut) reportCut(openPart.part, context.report);
    return openPart.queue[0] === openPart ? closeEnded(openPart.queue) : '';
  }

  /** The contents of a part when it is complete: the call, or the signature of the text. */
  function lastOf(openPart: OpenPart): string {
    const { part } = openPart;
    if (openPart.cut) return '';
    if (part.type === 'reasoning' && isHidden(part)) {
      const { text, signature: late } = openPart;
      const thought: ReasoningPart = { ...part, text, ...(late && { signature: late }) };
      if (staysShown(thought)) return writeWhole(openPart, thought);
      const kept = carriedSignature(thought);
      if (kept !== undefined) carried.set(openPart.choice, kept);
      return '';
    }
    const signature =
      openPart.signature ?? (part.type === 'tool-call' ? takeCarried(openPart.choice) : undefined);
    const signed = signature && `"thoughtSignature":${JSON.stringify(clientSignature(signature))}`;
    if (part.type === 'tool-call') return wholeCall(openPart, part, signed);
    if (signed === undefined || openPart.prefix.length === 0) return '';
    return chunk(openPart, `{"text":"",${part.type === 'reasoning' ? '"thought":true,' : ''}${signed}}`);
  }

  function takeCarried(choice: number): Signature | undefined {
    const signature = carried.get(choice);
    carried.delete(choice);
    return signature;
  }

  function wholeCall(
    openPart: OpenPart,
    part: Extract<Part, { type: 'tool-call' }>,
    signed: string | undefined,
  ): string {
    const { functionCall, ...fields } = ownFields(part.extra) ?? {};
    const head = JSON.stringify({ ...asObject(functionCall), ...wireId(part.id), name: part.name });
    const call = `${head.slice(0, -1)},"args":${argumentsText(part.kind, openPart.text)}}`;
    const rest = Object.keys(fields).length > 0 ? `,${JSON.stringify(fields).slice(1, -1)}` : '';
    return chunk(openPart, `{"functionCall":${call}${rest}${signed === undefined ? '' : `,${signed}`}}`);
  }

  /** The last chunk: why each choice ended, the sources of its texts, and what the answer cost. */
  function last(): string {
    over = true;
    let text = '';
    for (const openPart of openParts.values()) openPart.ended = true;
    for (const queue of queues.values()) text += closeEnded(queue);
    const first = finishes.get(0) ?? { finish: { reason: 'stop' } as const, fields: undefined };
    const fields = first.fields ?? startFields;
    finishes.set(0, { finish: first.finish, fields });
    const { candidate, candidates: _others, ...top } = fields ?? {};
    const blocked = fields !== undefined && candidate === undefined;
    const candidates = blocked ? [] : [...finishes].map(([choice, said]) => lastCandidate(choice, said));
    const body: JsonObject = {
      ...(candidates.length > 0 && { candidates }),
      ...(usage && { usageMetadata: encodeUsage(usage) }),
      ...common,
      ...top,
    };
    return text + sseText(JSON.stringify(body));
  }

  function lastCandidate(
    choice: number,
    { finish, fields }: { finish: Finish; fields: JsonObject | undefined },
  ): JsonObject {
    const citations = cited
      .filter((openPart) => openPart.choice === choice)
      .flatMap(({ citations: list, text }) => list.map((citation) => ({ citation, text, partIndex: 0 })));
    const grounding = fields === undefined ? encodeGrounding(citations) : undefined;
    const tokens = weighed
      .filter((openPart) => openPart.choice === choice)
      .flatMap(({ logprobs }) => logprobs);
    const finishReason = encodeFinish(finish, own);
    return {
      // Google's clients leave a turn out of their history whose last chunk has no part.
      ...((!own || queues.has(choice)) && { content: { parts: [{ text: '' }], role: 'model' } }),
      ...(finishReason.length > 0 && { finishReason }),
      index: choice,
      ...(grounding !== undefined && { groundingMetadata: grounding }),
      ...encodeLogprobs(tokens),
      ...asObject(fields?.candidate),
    };
  }

  function write(event: StreamEvent): string {
    switch (event.type) {
      case 'delta':
        return delta(event.index, event.text);
      case 'part-start':
        return partStart(event.index, event.part, event.choice ?? 0);
      case 'part-end':
        return partEnd(event.index, event.cut === true);
      case 'citation': {
        const openPart = openParts.get(event.index);
        if (openPart?.citations.push(event.citation) === 1) cited.push(openPart);
        return '';
      }
      case 'logprobs': {
        const openPart = openParts.get(event.index);
        if (openPart !== undefined && !weighed.includes(openPart)) weighed.push(openPart);
        openPart?.logprobs.push(...event.tokens);
        return '';
      }
      case 'signature': {
        const openPart = openParts.get(event.index);
        if (openPart !== undefined) openPart.signature = event.signature;
        return '';
      }
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish':
        finishes.set(event.choice ?? 0, { finish: event.finish, fields: ownFields(event.extra) });
        return '';
      case 'end':
        return last();
      case 'start':
        return '';
      case 'error':
        over = true;
        return sseText(JSON.stringify(encodeError(event.error)));
    }
  }

  return {
    encode(event) {
      if (over) return '';
      if (!begun && event.type !== 'error') begin(event.type === 'start' ? event : undefined);
      return write(event);
    },
  };
}

/** Begins the chunks of text that grows; empty for parts that are written as a whole. */
function prefixOf(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return flat(partsPrefix, '{"text":"');
    case 'reasoning':
      return part.redacted ? '' : flat(partsPrefix, '{"thought":true,"text":"');
    default:
      return '';
  }
}
