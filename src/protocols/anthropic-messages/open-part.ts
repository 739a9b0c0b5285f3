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
import { ownWords } from './kept-fields.ts';

/** Only one open part is written at a time; the others gather what comes. */
export interface OpenPart {
  readonly part: Part;
  texts: string[];
  citations: Citation[];
  signature: Signature | undefined;
  ended: boolean;
  /** The client has seen the block's start. */
  started: boolean;
  /** The wire text that begins each delta; empty where deltas are not written one by one. */
  prefix: string;
  /** Written when it is complete, or not at all if it is cut. */
  held: boolean;
  cut: boolean;
  /** Where the client gets no thinking. */
  hidden: HiddenThinking | undefined;
}

/** `held`: a call that clients would run as far as it goes. */
export function newOpenPart(part: Part, held: boolean, hidden: HiddenThinking | undefined): OpenPart {
  const text = part.type === 'tool-call' ? part.input : isWhole(part) || !('text' in part) ? '' : part.text;
  return {
    part,
    texts: text.length > 0 ? [text] : [],
    citations: [],
    signature: part.type === 'reasoning' ? part.signature : undefined,
    ended: false,
    started: false,
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

function writeStart(openPart: OpenPart, blocks: BlockText): string {
  const { part } = openPart;
  openPart.started = true;
  if (part.type === 'reasoning') {
    const start = blocks.start({ type: 'thinking', thinking: '', signature: '', ...ownWords(part.extra) });
    openPart.prefix = blocks.textPrefix('thinking');
    return start;
  }
  const signature = openPart.signature ?? detachedSignature(part);
  openPart.signature = undefined;
  const carried = signature !== undefined && openPart.hidden === undefined;
  const before = carried ? blocks.whole(carrier(signature)) : '';
  if (part.type === 'tool-call') {
    const id = openPart.hidden?.id(signature === undefined ? part : { ...part, signature }) ?? part.id;
    const start = blocks.start(toolUseStart({ ...part, id }));
    if (!openPart.held) openPart.prefix = blocks.textPrefix('input');
    return before + start;
  }
  const start = blocks.start(part.type === 'text' ? textBlock(part, '') : { type: 'text', text: '' });
  openPart.prefix = blocks.textPrefix('text');
  return before + start;
}

/** Writes what the open part has gathered. Blocks of text and thinking begin with their first content, calls at once or when they are whole. */
export function writeOpenPart(openPart: OpenPart, blocks: BlockText, own: boolean): string {
  const { part } = openPart;
  if (isWhole(part)) {
    if (openPart.started) return '';
    openPart.started = true;
    return encodeAnswerPart(part, own)
      .map((block) => {
        if (!isCarrier(block) || own) return blocks.whole(block);
        blocks.later(block);
        return '';
      })
      .join('');
  }
  if (openPart.held) return '';
  let text = part.type === 'tool-call' && !openPart.started ? writeStart(openPart, blocks) : '';
  if (openPart.texts.length > 0) {
    if (!openPart.started) text += writeStart(openPart, blocks);
    text += textDelta(openPart.prefix, openPart.texts.join(''));
    openPart.texts = [];
  }
  if (openPart.citations.length === 0) return text;
  for (const citation of openPart.citations) {
    const value = encodeCitation(citation);
    if (value === undefined) continue;
    if (!openPart.started) text += writeStart(openPart, blocks);
    text += blocks.delta('citation', value);
  }
  openPart.citations = [];
  return text;
}

/** Writes the rest of an open part that has ended. */
export function endOpenPart(openPart: OpenPart, blocks: BlockText, own: boolean): string {
  const { part } = openPart;
  const rest = writeOpenPart(openPart, blocks, own);
  if (isWhole(part)) return rest;
  if (openPart.held && part.type === 'tool-call') {
    if (openPart.cut) return '';
    const input = inputJson(part, openPart.texts.join(''));
    const start = writeStart(openPart, blocks);
    return start + (input === '' ? '' : blocks.delta('input', input)) + blocks.stop();
  }
  if (part.type === 'reasoning') {
    if (openPart.signature === undefined && (own || !openPart.started))
      return rest + (openPart.started ? blocks.stop() : '');
    if (openPart.signature !== undefined && !own && !openPart.started)
      return rest + carriedLater(openPart.signature, blocks);
    const start = openPart.started ? '' : writeStart(openPart, blocks);
    return rest + start + blocks.delta('signature', sealed(openPart.signature)) + blocks.stop();
  }
  const start = own && part.type === 'text' && !openPart.started ? writeStart(openPart, blocks) : '';
  const stop = openPart.started ? blocks.stop() : '';
  const signature = openPart.signature ?? (openPart.started ? undefined : detachedSignature(part));
  const carried = signature !== undefined && openPart.hidden === undefined;
  return rest + start + stop + (carried ? carriedLater(signature, blocks) : '');
}

/** An answer that ends with a carrier looks empty to clients that show its last block. */
function carriedLater(signature: Signature, blocks: BlockText): string {
  blocks.later(carrier(signature));
  return '';
}
