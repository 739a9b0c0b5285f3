/** Keep-alives to a client that waits, so that nothing on the way takes its connection for dead. */
import type { Protocol } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';
import type { ChunkReader } from '../answer.ts';

/** What JSON allows between its parts (RFC 8259 §2). */
export const emptyLine = new TextEncoder().encode('\n');

/** What a client of the protocol gets in a stream while nothing else comes; undefined where it takes nothing. */
export function keepAliveBytes(protocol: Protocol): Uint8Array | undefined {
  const { keepAlive } = codecs[protocol].streamForm;
  if (keepAlive === undefined) return undefined;
  let bytes = encoded.get(keepAlive);
  if (bytes === undefined) {
    bytes = new TextEncoder().encode(keepAlive);
    encoded.set(keepAlive, bytes);
  }
  return bytes;
}

const encoded = new Map<string, Uint8Array>();

/**
 * Sends a keep-alive whenever nothing comes from the upstream for long. None are queued for a client that does not read. `isOver`:
 * whether the answer is complete; a stream that is not closed then is cancelled.
 */
export function sendKeepAlives(
  reader: ChunkReader,
  controller: ReadableStreamDefaultController<Uint8Array>,
  keepAlive: Uint8Array | undefined,
  isOver: () => boolean,
): void {
  reader.whenSilent?.(() => {
    if (isOver()) void reader.cancel().catch(() => undefined);
    else if (keepAlive !== undefined && (controller.desiredSize ?? -1) >= 0) controller.enqueue(keepAlive);
  });
}
