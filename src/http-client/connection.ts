/** One connection to a server: a request goes out, its answer comes in, and then the next may follow. Source: RFC 9112. */
import { systemClock } from '../ground/clock.ts';
import { type AnswerHead, answerHead } from './answer-head.ts';
import { type BodyFraming, framingOf } from './body-framing.ts';
import { brokenBy } from './broken-answer.ts';
import { joined } from './joined-bytes.ts';
import { proxiedWire } from './proxied-wire.ts';
import { ProxyError } from './proxy.ts';
import { straightWire } from './straight-wire.ts';
import { type TextPieces, textPieces } from './text-pieces.ts';
import type { Route, Wire, WireEvents } from './wire.ts';

export interface Message {
  /** One character a byte. */
  head: string;
  body: Uint8Array | string;
}

/** One request and what is called with its answer. Of `ended` and `failed` one is called, once, and last. */
export interface Exchange {
  /** What is sent: it is asked for when it is, and kept only until it has gone out. */
  message(): Message;
  /** The connection is established. Not called for a reused one. */
  connected(): void;
  /** `unsent`: part of the request has not gone out. */
  began(head: AnswerHead, unsent: boolean): void;
  came(bytes: Uint8Array): void;
  ended(): void;
  /** `unread`: as far as is known, the server has not read the request; it may be sent again on another connection. */
  failed(error: Error, unread: boolean): void;
  /** Bytes of an answer's head that are waited for. */
  readonly longestHead: number;
  /** The protocol that it asks to go on with; its bytes are those of an answer that ends with the connection. */
  readonly upgrade: boolean;
  /** It asks for the head of an answer alone (HEAD). */
  readonly headAlone: boolean;
}

export interface Connection {
  /** Sends the request of an exchange. Only while no other is under way. */
  carry(exchange: Exchange): void;
  /** The exchange is of no interest any more: nothing of it is called from now on. */
  leave(exchange: Exchange): void;
  pause(): void;
  resume(): void;
  /** Sends bytes of the protocol that was gone over to. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Who gets the state of the connection. */
export interface ConnectionOwner {
  /** It can carry another exchange; `keepAlive` is the server's keep-alive timeout. */
  free(connection: Connection, keepAlive?: string): void;
  closed(connection: Connection): void;
}

/** Milliseconds behind a request in which the end of a connection that had waited means that it was over before. */
const crossing = 10;

/** Opens a connection for an exchange. Nothing is sent to a secure server whose certificate does not name it. */
export function openConnection(route: Route, first: Exchange, owner: ConnectionOwner): Connection {
  let socket: Wire | undefined;
  let current: Exchange | undefined = first;
  let closed = false;
  /** Exchanges that it has carried before the current one. */
  let carried = 0;
  /** What the connection has not taken yet. */
  let unsent: Uint8Array[] = [];
  /** The text behind that, where the body is one that does not fit one write. */
  let text: TextPieces | undefined;
  /** What has come of a head. */
  let partial: Uint8Array | undefined;
  let framing: BodyFraming | undefined;
  let received = false;
  /** When the request was handed over, on a connection that had carried others. */
  let sentAt = 0;
  /** Bytes of heads so far: announcements may come before the answer's. */
  let headBytes = 0;
  let keepAlive: string | undefined;
  let keeps = true;
  let paused = false;

  function ready(): void {
    if (current === undefined) {
      close();
      return;
    }
    current.connected();
    send();
  }

  function send(): void {
    if (current === undefined || socket === undefined) return;
    const { head, body } = current.message();
    const isText = typeof body === 'string';
    if (head.length + (isText ? 3 * body.length : body.length) > scratch.length) {
      unsent = [Buffer.from(head, 'latin1')];
      if (isText) text = textPieces(body);
      else unsent.push(body);
      flush();
      return;
    }
    scratch.write(head, 'latin1');
    let size = head.length;
    if (isText) size += scratch.write(body, size);
    else {
      scratch.set(body, size);
      size += body.length;
    }
    const written = socket.write(scratch, 0, size);
    if (written < size) unsent = [new Uint8Array(scratch.subarray(Math.max(0, written), size))];
  }

  function flush(): void {
    while (socket !== undefined) {
      const [next] = unsent;
      if (next === undefined) {
        const piece = text?.next();
        if (piece === undefined) {
          text = undefined;
          return;
        }
        const written = Math.max(0, socket.write(piece));
        // Its slot is needed for others in the meantime.
        if (written < piece.length) unsent = [piece.slice(written)];
        if (written < piece.length) return;
        continue;
      }
      const written = socket.write(next);
      if (written < next.length) {
        // The rest follows when the connection takes more; a broken one reports an error.
        if (written > 0) unsent[0] = next.subarray(written);
        return;
      }
      unsent.shift();
    }
  }

  function isUnsent(): boolean {
    return unsent.length > 0 || text !== undefined;
  }

  function take(bytes: Uint8Array): void {
    if (current === undefined) {
      // There is no open request.
      close();
      return;
    }
    received = true;
    let at = 0;
    if (framing === undefined) {
      const behind = takeHead(bytes);
      if (behind === undefined || framing === undefined) return;
      ({ bytes, at } = behind);
    }
    const content = framing.push(bytes, at);
    if (content !== undefined) current?.came(content);
    // The caller may have gone.
    if (framing?.ended) finish(framing.excess);
  }

  /** Reads heads until one is there that has an answer behind it; gives the bytes behind it. */
  function takeHead(fresh: Uint8Array): { bytes: Uint8Array; at: number } | undefined {
    const bytes = partial === undefined ? fresh : joined([partial, fresh]);
    partial = undefined;
    let at = 0;
    for (;;) {
      const end = endOfHead(bytes, at);
      if (end < 0) {
        if (headBytes + bytes.length - at > (current?.longestHead ?? 0))
          throw new Error('the head of the answer is too long (bounds.upstream-head)');
        partial = bytes.subarray(at);
        return undefined;
      }
      const head = answerHead(latin1(bytes, at, end));
      if (head === undefined) throw new Error('the answer is not HTTP/1.1');
      headBytes += end - at;
      if (headBytes > (current?.longestHead ?? 0))
        throw new Error('the head of the answer is too long (bounds.upstream-head)');
      at = end;
      const { status } = head;
      if (status < 100 || status > 599)
        throw new Error(`the answer has the status ${status}, which there is not`);
      if (status === 101 && current?.upgrade !== true)
        throw new Error('the answer switches to a protocol that was not requested');
      // Only announcements; the answer is still to come (RFC 9110 §15.2).
      if (status < 200 && status !== 101) continue;
      framing = framingOf(head, current?.headAlone);
      keepAlive = head.framing['keep-alive'];
      keeps = keepsConnection(head) && !framing.untilClose;
      current?.began(head, isUnsent());
      return { bytes, at };
    }
  }

  function finish(excess: number): void {
    const exchange = current;
    if (exchange === undefined) return;
    current = undefined;
    framing = undefined;
    received = false;
    headBytes = 0;
    carried += 1;
    resume();
    if (keeps && excess === 0 && !isUnsent() && !closed) owner.free(connection, keepAlive);
    else close();
    exchange.ended();
  }

  function fail(error: Error): void {
    const exchange = current;
    // RFC 9110 §9.2.2: what may have been read is not sent twice without those who asked knowing of it.
    const unread = carried > 0 && !received && (isUnsent() || systemClock.monotonic() - sentAt <= crossing);
    current = undefined;
    framing = undefined;
    close();
    exchange?.failed(error, unread);
  }

  function ended(error: Error | undefined): void {
    const wasOpen = !closed;
    closed = true;
    if (wasOpen) owner.closed(connection);
    if (error === undefined && framing?.untilClose) finish(0);
    else if (current !== undefined) fail(error ?? new Error('the connection was closed'));
  }

  function resume(): void {
    if (!paused) return;
    paused = false;
    socket?.resume();
  }

  function close(): void {
    unsent = [];
    text = undefined;
    if (closed) return;
    closed = true;
    owner.closed(connection);
    if (socket === undefined) end();
    else socket.terminate();
  }

  const connection: Connection = {
    carry(exchange) {
      current = exchange;
      sentAt = systemClock.monotonic();
      send();
    },
    leave(exchange) {
      if (current !== exchange) return;
      current = undefined;
      close();
    },
    pause() {
      paused = true;
      socket?.pause();
    },
    resume,
    write(bytes) {
      unsent.push(bytes);
      if (unsent.length === 1) flush();
    },
    close,
  };

  const events: WireEvents = {
    opened(wire) {
      socket = wire;
      ready();
    },
    data(bytes) {
      try {
        take(bytes);
      } catch (error) {
        fail(error instanceof ProxyError ? error : brokenBy(error));
      }
    },
    drained: flush,
    closed: ended,
    failed: fail,
  };
  const end =
    route.proxy === undefined ? straightWire(route, events) : proxiedWire(route.proxy, route, events);
  return connection;
}

/** Where a head and its body come together, to leave in one system call. */
const scratch = Buffer.alloc(64 * 1024);

function keepsConnection({ old, framing }: AnswerHead): boolean {
  const said = framing.connection?.toLowerCase();
  return old ? (said?.includes('keep-alive') ?? false) : !(said?.includes('close') ?? false);
}

const lineFeed = 10;
const carriageReturn = 13;

/** Where the head that begins at `from` is over: behind its blank line; -1 when that has not come. */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    const next = bytes[at + 1] === carriageReturn ? at + 2 : at + 1;
    if (bytes[next] === lineFeed) return next + 1;
  }
  return -1;
}

/** One character a byte. A Buffer over the bytes would cost several times as much. */
function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.prototype.toString.call(bytes, 'latin1', from, to);
}
