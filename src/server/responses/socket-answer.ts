/** Answers on their way over a WebSocket: one JSON text an event, no faster than the client takes them. */
import type { ServerWebSocket } from 'bun';
import type { Answer } from '../../gateway/answer.ts';
import { yieldFor } from '../../gateway/yield-for.ts';
import { textPieces } from '../../http-client/text-pieces.ts';
import { doneMark, sseReader } from '../../protocols/sse.ts';
import { state } from './protocol.ts';

/** The way to one client. */
export interface Outlet {
  /** Resolves when the client has taken of what was sent, or has left. */
  drained: { promise: Promise<void>; resolve: () => void } | undefined;
  /** Lets the answer go that is being sent. */
  letGo: (() => void) | undefined;
  gone: boolean;
}

type Socket = Pick<ServerWebSocket<Outlet>, 'data' | 'send' | 'getBufferedAmount'>;

/** Bytes that may lie unread by the client before the upstream is asked for more. */
const mostUnread = 256 * 1024;

/** Sends the events as they come. Clients that name their requests find the name in every event. */
export async function sendAnswer(
  socket: Socket,
  answer: Answer,
  streamId: string | undefined,
): Promise<void> {
  if (answer.status !== 200) {
    sendError(socket, answer, streamId);
    return;
  }
  const events: string[] = [];
  const parser = sseReader(({ data }) => {
    if (data !== doneMark) events.push(state.socketEvent(data, streamId));
  });
  const flush = async (): Promise<void> => {
    for (const event of events.splice(0)) {
      if (socket.data.gone) return;
      socket.send(event);
      while (!socket.data.gone && socket.getBufferedAmount() > mostUnread) await drained(socket);
    }
  };
  if (answer.body instanceof ReadableStream) {
    const reader = answer.body.getReader();
    const letGo = (): void => void reader.cancel().catch(() => undefined);
    socket.data.letGo = letGo;
    if (socket.data.gone) letGo();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        parser.push(read.value);
        await flush();
      }
    } catch (error) {
      // The rest of it is not read.
      letGo();
      throw error;
    } finally {
      socket.data.letGo = undefined;
    }
  } else if (typeof answer.body === 'string') {
    const pieces = textPieces(answer.body);
    for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) {
      parser.push(piece);
      await flush();
      await yieldFor(answer.body.length);
    }
  } else parser.push(answer.body);
  parser.end();
  await flush();
}

/** An error as the WebSocket has it: the HTTP status, when to ask again, and what would have been the body. */
export function sendError(socket: Pick<Socket, 'send'>, answer: Answer, streamId: string | undefined): void {
  const text = typeof answer.body === 'string' ? answer.body : '';
  const { status, headers } = answer;
  socket.send(state.socketError({ status, retryAfter: headers['retry-after'], body: text }, streamId));
}

/** The client has taken something, or has left. */
export function release(outlet: Outlet): void {
  outlet.drained?.resolve();
  outlet.drained = undefined;
}

function drained({ data }: Socket): Promise<void> {
  data.drained ??= Promise.withResolvers<void>();
  return data.drained.promise;
}
