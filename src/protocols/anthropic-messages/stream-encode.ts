/** Canonical events → the event stream that clients of `POST /v1/messages` read. */

import type { Finish, StreamEvent, Usage } from '../answer.ts';
import type { EncodeContext, StreamEncoder } from '../codec.ts';
import { reportCut } from '../cut-call.ts';
import type { JsonObject } from '../json.ts';
import type { Part, ReasoningPart } from '../model.ts';
import { isHeld } from './answer-encode.ts';
import { encodeError } from './errors.ts';
import { blockText, eventText, textDelta } from './event-text.ts';
import { encodeFinish } from './finish.ts';
import { type HiddenThinking, hiddenThinking, wantsThinking } from './hidden-thinking.ts';
import { ownFields } from './kept-fields.ts';
import { endOpenPart, newOpenPart, type OpenPart, writeOpenPart } from './open-part.ts';
import { encodeUsage } from './usage.ts';

/** How long a held call may be silent: half of what the strictest of the known clients wait for (docs/streaming.md). */
const pingSeconds = 15;

/**
 * Writes one stream in the strict order that the official accumulators demand: `message_start`, one block after the
 * other, `message_delta` with the stop reason and the full usage, `message_stop`. Parts that interleave are written one
 * after the other, in the order in which they began. Blocks without content are not written.
 */
export function streamEncoder(context: EncodeContext): StreamEncoder {
  const blocks = blockText();
  const openParts = new Map<number, OpenPart>();
  let open: OpenPart | undefined;
  let openIndex = -1;
  let begun = false;
  let over = false;
  let own = false;
  /** Where the client asked for no thinking: what travels without it, and the thinking that is not complete. */
  let hidden: HiddenThinking | undefined;
  const thoughts = new Map<number, ReasoningPart>();
  let startFields: JsonObject = {};
  let finishFields: JsonObject = {};
  let refused = false;
  let called = false;
  let usage: Usage | undefined;
  let finish: Finish | undefined;
  /** When the client last got something, while a call is held. */
  let lastWritten = 0;

  function begin(event?: Extract<StreamEvent, { type: 'start' }>): string {
    const fields = ownFields(event?.extra);
    begun = true;
    own = fields !== undefined;
    hidden = own || wantsThinking(context.request) ? undefined : hiddenThinking(context.report);
    startFields = fields ?? {};
    usage = event?.usage;
    return eventText('message_start', {
      message: {
        id: event?.id || context.newId('msg'),
        type: 'message',
        role: 'assistant',
        model: context.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        ...(!own && { stop_details: null }),
        usage: encodeUsage(usage),
        ...startFields,
      },
    });
  }

  function partStart(index: number, part: Part): string {
    if (part.type === 'refusal') refused = true;
    if (part.type === 'tool-call') called = true;
    if (hidden !== undefined && part.type === 'reasoning') {
      lastWritten = context.unixSeconds();
      thoughts.set(index, { ...part });
      return '';
    }
    const openPart = newOpenPart(
      part,
      part.type === 'tool-call' && !own && isHeld(part, context.request),
      hidden,
    );
    openParts.set(index, openPart);
    if (part.type === 'text') hidden?.unsaid(part.signature);
    if (openPart.held) lastWritten = context.unixSeconds();
    if (open !== undefined) return '';
    open = openPart;
    openIndex = index;
    return writeOpenPart(openPart, blocks, own);
  }

  function delta(index: number, text: string): string {
    if (open !== undefined && index === openIndex && open.prefix.length > 0)
      return textDelta(open.prefix, text);
    const openPart = openParts.get(index);
    if (openPart === undefined) {
      const thought = thoughts.get(index);
      if (thought !== undefined) thought.text += text;
      return thought === undefined ? '' : ping();
    }
    if (text.length === 0) return '';
    openPart.texts.push(text);
    if (openPart.held) return ping();
    return openPart === open ? writeOpenPart(openPart, blocks, own) : '';
  }

  /** The keep-alive of a stream whose upstream writes a call that the client does not see yet. */
  function ping(): string {
    const now = context.unixSeconds();
    if (now - lastWritten < pingSeconds) return '';
    lastWritten = now;
    return 'event: ping\ndata: {"type":"ping"}\n\n';
  }

  /** Ends the open open part and goes on with those that waited, up to the first that is not complete. */
  function closeEnded(): string {
    let text = '';
    while (open?.ended) {
      text += endOpenPart(open, blocks, own);
      openParts.delete(openIndex);
      const next = openParts.entries().next();
      if (next.done) {
        open = undefined;
        break;
      }
      [openIndex, open] = next.value;
      text += writeOpenPart(open, blocks, own);
    }
    return text;
  }

  function endMessage(): string {
    for (const openPart of openParts.values()) openPart.ended = true;
    const rest = closeEnded() + blocks.end();
    over = true;
    const { context_management, ...deltaFields } = changed(finishFields, startFields);
    const known = finish ?? { reason: called ? 'tool-calls' : 'stop' };
    const end = eventText('message_delta', {
      delta: { ...encodeFinish(known, own, refused), ...deltaFields },
      usage: usage === undefined ? { output_tokens: 0 } : encodeUsage(usage),
      ...(context_management !== undefined && { context_management }),
    });
    return `${rest}${end}event: message_stop\ndata: {"type":"message_stop"}\n\n`;
  }

  function write(event: StreamEvent): string {
    switch (event.type) {
      case 'delta':
        return delta(event.index, event.text);
      case 'part-start':
        return (event.choice ?? 0) === 0 ? partStart(event.index, event.part) : '';
      case 'part-end': {
        const openPart = openParts.get(event.index);
        if (openPart === undefined) {
          const thought = thoughts.get(event.index);
          thoughts.delete(event.index);
          if (thought !== undefined) hidden?.thought(thought);
          return '';
        }
        openPart.ended = true;
        if (event.cut === true && openPart.held) {
          openPart.cut = true;
          reportCut(openPart.part, context.report);
        }
        return openPart === open ? closeEnded() : '';
      }
      case 'citation': {
        const openPart = openParts.get(event.index);
        openPart?.citations.push(event.citation);
        return openPart !== undefined && openPart === open ? writeOpenPart(openPart, blocks, own) : '';
      }
      // Its clients cannot ask for them.
      case 'logprobs':
        return '';
      case 'signature': {
        const openPart = openParts.get(event.index);
        if (openPart !== undefined) openPart.signature = event.signature;
        if (openPart?.part.type === 'text') hidden?.unsaid(event.signature);
        const thought = thoughts.get(event.index);
        if (thought !== undefined) thought.signature = event.signature;
        return '';
      }
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish':
        if ((event.choice ?? 0) !== 0) return '';
        finish = event.finish;
        finishFields = ownFields(event.extra) ?? {};
        return '';
      case 'end':
        return endMessage();
      case 'start':
        return '';
      case 'error':
        over = true;
        return `event: error\ndata: ${JSON.stringify(encodeError(event.error))}\n\n`;
    }
  }

  return {
    encode(event) {
      if (over) return '';
      if (begun || event.type === 'error') return write(event);
      return event.type === 'start' ? begin(event) : begin() + write(event);
    },
  };
}

/** The fields that the start did not have already. */
function changed(fields: JsonObject, before: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const key in fields) if (fields[key] !== before[key]) result[key] = fields[key];
  return result;
}
