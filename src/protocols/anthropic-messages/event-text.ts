/** The wire text of stream events. */
import { flat, insideQuotes } from '../delta-text.ts';
import type { JsonObject } from '../json.ts';
import { isSpoken } from './answer-encode.ts';

export function eventText(type: string, fields: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** What `content_block_delta` events are made of: the delta's type and the field that grows. */
const deltas = {
  text: '"text_delta","text":',
  thinking: '"thinking_delta","thinking":',
  signature: '"signature_delta","signature":',
  input: '"input_json_delta","partial_json":',
  citation: '"citations_delta","citation":',
} as const;
type DeltaKind = keyof typeof deltas;

const deltaSuffix = '}}\n\n';
const textSuffix = `"${deltaSuffix}`;

/** A delta that continues a text; `prefix` is of {@link BlockText.textPrefix}. */
export function textDelta(prefix: string, text: string): string {
  return prefix + insideQuotes(text) + textSuffix;
}

/** Writes content blocks one after the other and counts them. */
export interface BlockText {
  start(content: JsonObject): string;
  stop(): string;
  /** What each delta of the current block's text begins with, for {@link textDelta}. */
  textPrefix(kind: DeltaKind): string;
  delta(kind: DeltaKind, value: string | JsonObject): string;
  /** A block that is complete: text, signatures and the input of calls come as a delta, as clients expect them. */
  whole(content: JsonObject): string;
  /** Keeps a block that only carries something through the client until another one follows. */
  later(content: JsonObject): void;
  /** Blocks that were kept, for an answer that has no others; nothing where text or a call ends it. */
  end(): string;
}

export function blockText(): BlockText {
  let index = -1;
  let spoken = false;
  const kept: JsonObject[] = [];

  function start(content: JsonObject): string {
    const before = kept.splice(0).map(whole).join('');
    if (isSpoken(content)) spoken = true;
    index++;
    return before + eventText('content_block_start', { index, content_block: content });
  }
  function stop(): string {
    return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
  }
  function prefix(kind: DeltaKind): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":${deltas[kind]}`;
  }
  function delta(kind: DeltaKind, value: string | JsonObject): string {
    return prefix(kind) + JSON.stringify(value) + deltaSuffix;
  }

  function whole(content: JsonObject): string {
    const { type, signature, input } = content;
    if (type === 'thinking' && typeof signature === 'string')
      return start({ ...content, signature: '' }) + delta('signature', signature) + stop();
    if (typeof type === 'string' && type.endsWith('tool_use') && input !== undefined)
      return start({ ...content, input: {} }) + delta('input', JSON.stringify(input)) + stop();
    // Clients show text as its deltas come.
    if (type === 'text' && typeof content.text === 'string' && content.text.length > 0)
      return start({ ...content, text: '' }) + delta('text', content.text) + stop();
    return start(content) + stop();
  }

  return {
    start,
    stop,
    textPrefix: (kind) => flat(prefix(kind), '"'),
    delta,
    whole,
    later: (content) => kept.push(content),
    end: () => (spoken ? '' : kept.splice(0).map(whole).join('')),
  };
}
