/** The Codex backend on a WebSocket: the events of a stream as text frames, one answer after another on one connection. */
import type { ServerWebSocket } from 'bun';
import { faultOf } from '../call.ts';
import { pause } from '../delivery.ts';
import type { Deps } from '../deps.ts';
import type { Incoming } from '../dialect.ts';
import { type Failure, failureOf, invalid, Refused } from '../failure.ts';
import type { Fault } from '../faults.ts';
import { note, type SeenRequest } from '../journal.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { replyTo } from '../reply.ts';
import { codexBackend } from './account-dialects.ts';

/** What a connection knows. */
export interface CodexSocket {
  deps: Deps;
  /** The handshake as it goes into the journal; each answer is noted as one of it. */
  handshake: SeenRequest;
  headers: Headers;
  /** Aborts when the other side has gone. */
  gone: AbortController;
  /** An answer is being sent: the backend gives one at a time. */
  busy: boolean;
}

/** Source: protocol.md §5, Codex WebSocket. */
export const socketsBeta = 'responses_websockets=2026-02-06';

type Socket = ServerWebSocket<CodexSocket>;

export const codexSocketHandler: Bun.WebSocketHandler<CodexSocket> = {
  async message(socket, message) {
    const { deps, headers, handshake } = socket.data;
    const seen: SeenRequest = { ...handshake, at: deps.state.now() };
    note(seen, deps.journal, deps.keep);
    try {
      const incoming = opened(socket, typeof message === 'string' ? message : message.toString(), headers);
      Object.assign(seen, { body: incoming.body, model: incoming.model, stream: true });
      const fault = faultOf(headers, incoming.model, seen.key, deps.counts);
      if (fault?.status !== undefined) throw new Refused(failureOf(fault.status, fault.retryAfter));
      await answering(socket.data, () => sendAnswer(socket, incoming, fault));
      seen.status = 200;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      seen.status = error.failure.status;
      socket.send(errorFrame(error.failure));
    }
  },
  close({ data }) {
    data.gone.abort();
  },
};

/** Counts an answer while it is being sent. */
async function answering(data: CodexSocket, send: () => Promise<void>): Promise<void> {
  const { journal } = data.deps;
  data.busy = true;
  journal.openStreams++;
  try {
    await send();
  } finally {
    data.busy = false;
    journal.openStreams--;
    if (data.gone.signal.aborted) journal.cancelled++;
  }
}

function opened({ data }: Socket, message: string, headers: Headers): Incoming {
  const frame = parseJson(message);
  if (!isObject(frame)) throw invalid('The frame is not a JSON object.');
  if (frame.type !== 'response.create') throw invalid(`Unknown frame type '${String(frame.type)}'.`, 'type');
  if (data.busy) throw invalid('Another response is still being made on this connection.');
  const { type: _, ...body } = frame;
  return { body, headers, model: typeof body.model === 'string' ? body.model : '', stream: true };
}

/** Sends the events; `cut` ends the connection after so many, `stall` sends no more. */
async function sendAnswer(socket: Socket, incoming: Incoming, fault: Fault | undefined): Promise<void> {
  const { deps, gone } = socket.data;
  // On a connection everything is a stream: the field may be absent.
  const asked: Incoming = { ...incoming, body: { stream: true, ...incoming.body } };
  const prompt = codexBackend.read(asked, deps.state);
  const exchange = { incoming: asked, prompt, reply: replyTo(prompt), state: deps.state };
  const { events, finishAt } = codexBackend.stream(exchange);
  const end = fault?.cut ?? fault?.stall ?? (fault?.noTerminal ? finishAt : events.length);
  for (const [i, { data }] of events.slice(0, end).entries()) {
    const wait = fault?.slow ?? deps.pace;
    if (i > 0 && wait > 0) await pause(wait, gone.signal);
    if (gone.signal.aborted) return;
    // What HTTP calls response.completed is called so here.
    socket.send(data.replace('{"type":"response.completed"', '{"type":"response.done"'));
  }
  if (fault?.cut !== undefined || fault?.noTerminal) socket.terminate();
  if (fault?.stall !== undefined) await pause(undefined, gone.signal);
}

function errorFrame(failure: Failure): string {
  const body: object = codexBackend.error(failure);
  const frame: JsonObject = { type: 'error', status: failure.status };
  return JSON.stringify({ ...frame, ...body });
}
