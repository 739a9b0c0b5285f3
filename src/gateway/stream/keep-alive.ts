/** Keep-alives to a client that waits, so that nothing on the way takes its connection for dead. */
import type { Protocol } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';
import type { ChunkReader } from '../answer.ts';

/** What JSON allows between its parts (RFC 8259 §2). */
export const emptyLine = new TextEncoder().encode('\n');

/** What a client of the protocol gets in a stream that says nothing; undefined where it takes nothing. */
export function keepAliveBytes(protocol: Protocol): Uint8Array | undefined {
  if (!encoded.has(protocol)) {
    const { keepAlive } = codecs[protocol].streamForm;
    encoded.set(protocol, keepAlive === undefined ? undefined : new TextEncoder().encode(keepAlive));
  }
  return encoded.get(protocol);
}

const encoded = new Map<Protocol, Uint8Array | undefined>();

/**
 * Sends the sign whenever the upstream is silent for long. A client that does not read does not collect them. `isOver` says
 * whether the upstream has nothing left to say: one that does not close its stream then is let go.
 */
export function sendKeepAlives(
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
