/** The frames of a WebSocket, as a client reads and writes them. Source: RFC 6455 §5. */
import { BeyondBound } from './bounds.ts';
import { growingBytes } from './growing-bytes.ts';
import { joined } from './joined-bytes.ts';

export type SocketEvent =
  | { kind: 'message'; text: string }
  | { kind: 'ping'; bytes: Uint8Array }
  | { kind: 'close'; code: number; reason: string };

export interface FrameReader {
  /** What the bytes complete. Throws for what is no frame, and BeyondBound for a message of more than the bound. */
  push(bytes: Uint8Array): SocketEvent[];
}

/** RFC 6455 §5.2. */
const opcodes = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A connection that ended without saying why; RFC 6455 §7.4.1. */
export const closedWithoutCode = 1006;
const noCode = 1005;

/** Bytes that frames which steer the connection may hold (RFC 6455 §5.5). */
const longestControl = 125;
/** Frames of one message: empty ones cost the server two bytes each, and would fill the memory without reaching its bound. */
const mostParts = 65_536;

const decoder = new TextDecoder();

export function frameReader(most: number): FrameReader {
  /** What has come of a frame that is not complete: looked at once it is, so that many small pieces cost no more. */
  const waiting = growingBytes();
  /** Bytes that have to have come before it is worth looking again. */
  let wanted = 0;
  /** The parts of a message so far. */
  let parts: Uint8Array[] = [];
  let size = 0;

  function eventOf(opcode: number, last: boolean, content: Uint8Array): SocketEvent | undefined {
    switch (opcode) {
      case opcodes.text:
      case opcodes.binary:
      case opcodes.more: {
        if ((opcode === opcodes.more) !== parts.length > 0)
          throw new Error('a part of a WebSocket message is missing');
        if (parts.length === mostParts)
          throw new BeyondBound(
            'the number of frames of a WebSocket message',
            mostParts,
            'websocket-message',
          );
        parts.push(content);
        size += content.length;
        if (!last) return undefined;
        const text = decoder.decode(joined(parts));
        parts = [];
        size = 0;
        return { kind: 'message', text };
      }
      case opcodes.close: {
        const code = content.length < 2 ? noCode : (content[0] ?? 0) * 256 + (content[1] ?? 0);
        return { kind: 'close', code, reason: decoder.decode(content.subarray(2)) };
      }
      case opcodes.ping:
        return { kind: 'ping', bytes: content };
      case opcodes.pong:
        return undefined;
      default:
        throw new Error(`a WebSocket frame is of a kind that there is not: ${opcode}`);
    }
  }

  return {
    push(bytes) {
      let came = bytes;
      if (waiting.length > 0) {
        waiting.push(bytes);
        if (waiting.length < wanted) return [];
        came = waiting.take();
      }
      const events: SocketEvent[] = [];
      wanted = 0;
      for (let head = frameHead(came); head !== undefined; head = frameHead(came)) {
        const { opcode, last, start, length } = head;
        if (opcode >= opcodes.close && (length > longestControl || !last))
          throw new Error('a WebSocket frame that steers the connection is too long, or in parts');
        if (size + length > most) throw new BeyondBound('a WebSocket message', most, 'websocket-message');
        wanted = start + length;
        if (came.length < wanted) break;
        const event = eventOf(opcode, last, came.subarray(start, wanted));
        came = came.subarray(wanted);
        wanted = 0;
        if (event !== undefined) events.push(event);
      }
      if (came.length > 0) waiting.push(came);
      return events;
    },
  };
}

/** Undefined while it has not come whole. */
function frameHead(bytes: Uint8Array) {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  if ((first & 0x70) !== 0 || second >= 0x80)
    throw new Error('a WebSocket frame has reserved bits that were not negotiated');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frame = { opcode: first & 15, last: first >= 0x80 };
  if (second < 126) return { ...frame, start: 2, length: second };
  if (second === 126) return bytes.length < 4 ? undefined : { ...frame, start: 4, length: view.getUint16(2) };
  return bytes.length < 10 ? undefined : { ...frame, start: 10, length: Number(view.getBigUint64(2)) };
}

export const textFrame = (text: string): Uint8Array => frame(opcodes.text, Buffer.from(text));
export const pongFrame = (content: Uint8Array): Uint8Array => frame(opcodes.pong, content);
export const closeFrame = (): Uint8Array => frame(opcodes.close, Uint8Array.of(3, 0xe8));

/** Clients mask what they send (RFC 6455 §5.3). */
function frame(opcode: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const start = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const bytes = new Uint8Array(start + length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (start === 8) view.setUint16(2, length);
  if (start === 14) view.setBigUint64(2, BigInt(length));
  const mask = crypto.getRandomValues(bytes.subarray(start - 4, start));
  for (let at = 0; at < length; at++) bytes[start + at] = (content[at] ?? 0) ^ (mask[at & 3] ?? 0);
  return bytes;
}
