/** One part of a streamed answer on its way to the client. */
import type { Citation, Part, Signature } from '../model.ts';
import {
  carrier,
  detachedSignature,
  encodeAnswerPart,
  inputJson,
  isCarrier,
  sealed,
  textBlock,
  toolUseStart,
} from './answer-encode.ts';
import { encodeCitation } from './citations.ts';
import type { BlockText } from './event-text.ts';
import { textDelta } from './event-text.ts';
import type { HiddenThinking } from './hidden-thinking.ts';
import { ownWords } from './native.ts';

/** Only one lane is told at a time; the others gather what they hear. */
export interface Lane {
  readonly part: Part;
  texts: string[];
  citations: Citation[];
  signature: Signature | undefined;
  ended: boolean;
  /** The client has seen the block's start. */
  told: boolean;
  /** The wire text that begins each delta; empty where deltas are not told one by one. */
  prefix: string;
  /** Told when it is complete, or not at all if it is cut. */
  held: boolean;
  cut: boolean;
  /** Where the client gets no thinking. */
  hidden: HiddenThinking | undefined;
}

/** `held`: a call that clients would run as far as it goes. */
export function newLane(part: Part, held: boolean, hidden: HiddenThinking | undefined): Lane {
  const text = part.type === 'tool-call' ? part.input : isWhole(part) || !('text' in part) ? '' : part.text;
  return {
    part,
    texts: text.length > 0 ? [text] : [],
    citations: [],
    signature: part.type === 'reasoning' ? part.signature : undefined,
    ended: false,
    told: false,
    prefix: '',
    held,
    cut: false,
    hidden,
  };
}

/** Parts that come whole at their start and get no deltas. */
function isWhole(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'tool-call':
      return false;
    case 'reasoning':
      return part.redacted === true;
    default:
      return true;
  }
}

function tellStart(lane: Lane, blocks: BlockText): string {
  const { part } = lane;
  lane.told = true;
  if (part.type === 'reasoning') {
    const start = blocks.start({ type: 'thinking', thinking: '', signature: '', ...ownWords(part.extra) });
    lane.prefix = blocks.textPrefix('thinking');
    return start;
  }
  const signature = lane.signature ?? detachedSignature(part);
  lane.signature = undefined;
  const carried = signature !== undefined && lane.hidden === undefined;
  const before = carried ? blocks.whole(carrier(signature)) : '';
  if (part.type === 'tool-call') {
    const id = lane.hidden?.id(signature === undefined ? part : { ...part, signature }) ?? part.id;
    const start = blocks.start(toolUseStart({ ...part, id }));
    if (!lane.held) lane.prefix = blocks.textPrefix('input');
    return before + start;
  }
  const start = blocks.start(part.type === 'text' ? textBlock(part, '') : { type: 'text', text: '' });
  lane.prefix = blocks.textPrefix('text');
  return before + start;
}

/** Tells what the lane has gathered. Blocks of text and thinking begin with their first content, calls at once or when they are whole. */
export function tellLane(lane: Lane, blocks: BlockText, own: boolean): string {
  const { part } = lane;
  if (isWhole(part)) {
    if (lane.told) return '';
    lane.told = true;
    return encodeAnswerPart(part, own)
      .map((block) => {
        if (!isCarrier(block) || own) return blocks.whole(block);
        blocks.later(block);
        return '';
      })
      .join('');
  }
  if (lane.held) return '';
  let text = part.type === 'tool-call' && !lane.told ? tellStart(lane, blocks) : '';
  if (lane.texts.length > 0) {
    if (!lane.told) text += tellStart(lane, blocks);
    text += textDelta(lane.prefix, lane.texts.join(''));
    lane.texts = [];
  }
  if (lane.citations.length === 0) return text;
  for (const citation of lane.citations) {
    const value = encodeCitation(citation);
    if (value === undefined) continue;
    if (!lane.told) text += tellStart(lane, blocks);
    text += blocks.delta('citation', value);
  }
  lane.citations = [];
  return text;
}

/** Tells the rest of a lane that has ended. */
export function endLane(lane: Lane, blocks: BlockText, own: boolean): string {
  const { part } = lane;
  const rest = tellLane(lane, blocks, own);
  if (isWhole(part)) return rest;
  if (lane.held && part.type === 'tool-call') {
    if (lane.cut) return '';
    const input = inputJson(part, lane.texts.join(''));
    const start = tellStart(lane, blocks);
    return start + (input === '' ? '' : blocks.delta('input', input)) + blocks.stop();
  }
  if (part.type === 'reasoning') {
    if (lane.signature === undefined && (own || !lane.told)) return rest + (lane.told ? blocks.stop() : '');
    if (lane.signature !== undefined && !own && !lane.told)
      return rest + carriedLater(lane.signature, blocks);
    const start = lane.told ? '' : tellStart(lane, blocks);
    return rest + start + blocks.delta('signature', sealed(lane.signature)) + blocks.stop();
  }
  const start = own && part.type === 'text' && !lane.told ? tellStart(lane, blocks) : '';
  const stop = lane.told ? blocks.stop() : '';
  const signature = lane.signature ?? (lane.told ? undefined : detachedSignature(part));
  const carried = signature !== undefined && lane.hidden === undefined;
  return rest + start + stop + (carried ? carriedLater(signature, blocks) : '');
}

/** An answer that ends with a carrier looks empty to clients that show its last block. */
function carriedLater(signature: Signature, blocks: BlockText): string {
  blocks.later(carrier(signature));
  return '';
}
