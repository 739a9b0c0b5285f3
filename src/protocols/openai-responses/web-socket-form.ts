/** Responses over a WebSocket, as OpenAI and the Codex backend have it (platform.openai.com/docs/guides/websocket-mode). */
import { readErrorBody } from '../error-body.ts';
import { isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { memberSpan } from '../json-text-span.ts';
import type { WebSocketForm } from '../web-socket-form.ts';
import { isTerminal } from './terminal-event.ts';

export const webSocketForm: WebSocketForm = {
  errorEvent: 'error',
  // The body's own text, with the type in front.
  frameOf(body) {
    const text = body.trimStart().slice(1).trimStart();
    return `{"type":"response.create"${text.startsWith('}') ? '' : ','}${text}`;
  },
  // No more than the type is parsed. The backend's `response.done` is what HTTP calls `response.completed`.
  eventOf(frame) {
    // Frames may be laid out over several lines, an event's data is one; within the texts of JSON there are no line breaks.
    const text = /[\r\n]/.test(frame) ? frame.replace(/[\r\n]+/g, ' ') : frame;
    const quick = /^\{"type":"([\w.]+)"/.exec(text)?.[1];
    if (quick !== undefined && quick !== 'response.done') return { type: quick, text };
    const span = memberSpan(text, 'type');
    if (span === undefined || span.end - span.start > longestType) return { type: 'error', text };
    const type = asString(parseJson(text.slice(span.start, span.end))) ?? 'error';
    if (type !== 'response.done') return { type, text };
    const completed = `${text.slice(0, span.start)}"response.completed"${text.slice(span.end)}`;
    return { type: 'response.completed', text: completed };
  },
  // What the Codex backend reports of the account.
  isAside: (type) => type.startsWith('codex.'),
  // Behind it the connection is free for the next request.
  endsAnswer: isTerminal,
  refusalIn(text) {
    const value = text.length > longestError ? undefined : parseJson(text);
    const event: JsonObject = isObject(value) ? value : {};
    const said = readErrorBody(event);
    if (said.code === 'websocket_connection_limit_reached') return { kind: 'renew' };
    // HTTP takes larger requests than frames may be, or refuses them itself.
    if (said.status === 413 || said.code === 'message_too_big') return { kind: 'too-big' };
    const headers = Object.entries(asObject(event.headers) ?? {}).flatMap(
      ([name, value]): [string, string][] =>
        isPlainValue(value) && /^(retry-after|x-codex-[\w-]+)$/i.test(name) ? [[name, String(value)]] : [],
    );
    const error = asObject(event.error) ?? event;
    return { kind: 'refused', status: said.status ?? 502, headers, body: { error } };
  },
};

/** Characters of the name of an event. */
const longestType = 128;
/** Characters of an error that is read: longer ones add nothing to a status. */
const longestError = 256 * 1024;

/** A frame has numbers where HTTP has their digits. */
function isPlainValue(value: Json | undefined): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
