/** Signs of life to a client that waits, so that nothing on the way takes its connection for dead. */
import type { Protocol } from '../../protocols/model.ts';
import type { ChunkReader } from '../answer.ts';

/**
 * What a stream says when there is nothing to say: Anthropic's own `ping`, else a comment (WHATWG HTML §9.2.6). Undefined for
 * Gemini: many of Google's clients take a stream for broken that has anything in front of `data:`.
 */
const signs: Record<Protocol, Uint8Array | undefined> = {
  'openai-chat': new TextEncoder().encode(': keep-alive\n\n'),
  'openai-responses': new TextEncoder().encode(': keep-alive\n\n'),
  'anthropic-messages': new TextEncoder().encode('event: ping\ndata: {"type": "ping"}\n\n'),
  gemini: undefined,
};

/** What JSON allows between its parts (RFC 8259 §2). */
export const emptyLine = new TextEncoder().encode('\n');

export function signOfLife(protocol: Protocol): Uint8Array | undefined {
  return signs[protocol];
}

/**
 * Sends the sign whenever the upstream is silent for long. A client that does not read does not collect them. `isOver` tells
 * whether the upstream has nothing left to say: one that does not close its stream then is let go.
 */
export function streamBeats(
  reader: ChunkReader,
  controller: ReadableStreamDefaultController<Uint8Array>,
  sign: Uint8Array | undefined,
  isOver: () => boolean,
): void {
  reader.whenSilent?.(() => {
    if (isOver()) void reader.cancel().catch(() => undefined);
    else if (sign !== undefined && (controller.desiredSize ?? -1) >= 0) controller.enqueue(sign);
  });
}
