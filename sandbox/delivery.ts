/** Sends answers: at the pace that was asked for, and with the faults. */

import { systemClock } from '../src/ground/clock.ts';
import type { Dialect, StreamText } from './dialect.ts';
import { failureOf } from './failure.ts';
import type { Fault } from './faults.ts';
import type { Journal } from './journal.ts';
import { type SseEvent, sseText } from './sse.ts';

export interface Delivery {
  fault: Fault | undefined;
  /** Milliseconds between stream events. */
  pace: number;
  journal: Journal;
  /** Fires when the other side has gone. */
  signal: AbortSignal;
  /** All of an answer without a fault has gone out. */
  onWhole?: () => void;
}

const encoder = new TextEncoder();
const eventStream = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
const json = { 'content-type': 'application/json; charset=utf-8' };

export function jsonAnswer(value: object, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { ...json, ...headers } });
}

/** The answer of a fault that comes instead of any other; undefined where the fault lets an answer begin. */
export function instead(
  dialect: Dialect,
  fault: Fault,
  delivery: Delivery,
  origin: string,
): Response | undefined {
  if (fault.drop) return dropped(delivery);
  if (fault.html) return htmlPage(fault.status ?? 502);
  if (fault.redirect)
    return new Response(null, { status: 307, headers: { location: `${origin}/sandbox/redirected` } });
  if (fault.empty) return new Response('', { status: fault.status ?? 200 });
  if (fault.status === undefined) return undefined;
  const failure = failureOf(fault.status, fault.retryAfter);
  return jsonAnswer(dialect.error(failure), failure.status, dialect.errorHeaders(failure));
}

/** What proxies answer in a provider's place. */
export function htmlPage(status: number): Response {
  const page =
    '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>';
  return new Response(page, { status, headers: { 'content-type': 'text/html' } });
}

/** The connection closes without an answer. */
export function dropped(delivery: Pick<Delivery, 'journal' | 'signal'>): Response {
  return steps([{ reset: true }], {}, delivery);
}

/** Milliseconds for the other side to read what was sent: a reset throws away what it has not read yet. */
const beforeReset = 5;

/** One thing to do on a connection. */
export type Step = { send: Uint8Array } | { wait: number } | { stall: true } | { reset: true };

/** Faults in an answer that is not a stream. */
export function deliverWhole(dialect: Dialect, value: object, delivery: Delivery): Response {
  const { fault } = delivery;
  if (fault === undefined) {
    delivery.onWhole?.();
    return jsonAnswer(value);
  }
  if (fault.errorEvent !== undefined) return jsonAnswer(dialect.error(failureOf(500)));
  const text = JSON.stringify(value);
  if (fault.garbage !== undefined) return new Response(`{"garbage: ${text}`, { headers: json });
  const bytes = encoder.encode(text);
  const half = bytes.subarray(0, fault.cutBytes ?? Math.floor(bytes.byteLength / 2));
  if (fault.noTerminal) return new Response(half, { headers: json });
  if (fault.stall !== undefined) return steps([{ send: half }, { stall: true }], json, delivery);
  if (fault.cut !== undefined || fault.cutBytes !== undefined)
    return steps([{ send: half }, { reset: true }], json, delivery);
  delivery.onWhole?.();
  return jsonAnswer(value);
}

/** How events become bytes. */
export type Framing = 'sse' | 'json-array';

export function deliverStream(
  dialect: Dialect,
  stream: StreamText,
  framing: Framing,
  delivery: Delivery,
): Response {
  const headers = framing === 'sse' ? eventStream : json;
  const { onWhole, fault } = delivery;
  const isWhole = ending(stream, fault).end === stream.events.length && fault?.errorEvent === undefined;
  return steps(stepsOf(dialect, stream, framing, delivery), headers, delivery, isWhole ? onWhole : undefined);
}

/** What to do for a stream with its fault. */
function stepsOf(dialect: Dialect, stream: StreamText, framing: Framing, { fault, pace }: Delivery): Step[] {
  const { end, last } = ending(stream, fault);
  const events: (SseEvent | string)[] = stream.events.slice(0, end);
  if (fault?.errorEvent !== undefined) events.push(dialect.errorEvent(failureOf(500), events.length));
  if (fault?.garbage !== undefined) events.splice(fault.garbage, 0, '{"garbage": not JSON');
  const wait = fault?.slow ?? pace;
  const list: Step[] = [];
  let bytesLeft = fault?.cutBytes ?? Number.POSITIVE_INFINITY;
  for (const [i, event] of events.entries()) {
    if (wait > 0 && i > 0) list.push({ wait });
    const bytes = framing === 'sse' ? framed(event) : inArray(event, i);
    if (bytes.byteLength > bytesLeft)
      return [...list, { send: bytes.subarray(0, bytesLeft) }, { reset: true }];
    bytesLeft -= bytes.byteLength;
    list.push({ send: bytes });
  }
  if (framing === 'json-array' && last === undefined) list.push({ send: encoder.encode('\n]\n') });
  return last === undefined ? list : [...list, last];
}

/** How many events come, and what happens after them where the stream does not simply end. */
function ending({ events, finishAt }: StreamText, fault: Fault | undefined): { end: number; last?: Step } {
  if (fault?.stall !== undefined) return { end: fault.stall, last: { stall: true } };
  if (fault?.cut !== undefined) return { end: fault.cut, last: { reset: true } };
  if (fault?.errorEvent !== undefined) return { end: fault.errorEvent };
  return { end: fault?.noTerminal ? finishAt : events.length };
}

function framed(event: SseEvent | string): Uint8Array {
  return encoder.encode(typeof event === 'string' ? `data: ${event}\n\n` : sseText(event.data, event.event));
}

/** Gemini without `alt=sse`: one JSON array that grows. */
function inArray(event: SseEvent | string, index: number): Uint8Array {
  return encoder.encode(`${index === 0 ? '[' : ',\r\n'}${typeof event === 'string' ? event : event.data}`);
}

/** A stream that is ready to go, for those that are sent often. */
export function readySteps({ events }: StreamText): Step[] {
  return events.map((event) => ({ send: framed(event) }));
}

/** Sends a stream that is ready as fast as the other side takes it. */
export function deliverReady(ready: readonly Step[], delivery: Delivery): Response {
  return steps(ready, eventStream, delivery);
}

function steps(
  list: readonly Step[],
  headers: Record<string, string>,
  delivery: Pick<Delivery, 'journal' | 'signal'>,
  onEnd?: () => void,
): Response {
  const { journal, signal } = delivery;
  const body = new ReadableStream({
    type: 'direct',
    async pull(controller) {
      journal.openStreams++;
      try {
        for (const step of list) {
          if (signal.aborted) return;
          if ('send' in step) {
            controller.write(step.send);
            const flushed = controller.flush();
            if (flushed instanceof Promise) await flushed;
          } else if ('wait' in step) {
            await pause(step.wait, signal);
          } else if ('stall' in step) {
            controller.flush();
            await pause(undefined, signal);
          } else {
            await pause(beforeReset, signal);
            controller.close(new Error('The sandbox was asked to cut the connection.'));
            return;
          }
        }
        controller.close();
        onEnd?.();
      } finally {
        journal.openStreams--;
        if (signal.aborted) journal.cancelled++;
      }
    },
  });
  return new Response(body, { headers });
}

/** Waits so many milliseconds, without an end where there is no number, and no longer than the other side. */
export function pause(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
  return systemClock.wait(milliseconds ?? Number.POSITIVE_INFINITY, signal);
}
