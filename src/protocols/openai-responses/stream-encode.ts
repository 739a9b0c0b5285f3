/** Canonical stream events → the event stream of `POST /v1/responses`. */

import type { Finish, StreamEvent, Usage } from '../answer.ts';
import type { EncodeContext, StreamEncoder } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import type { Extra } from '../model.ts';
import type { ProtocolError } from '../protocol-error.ts';
import { speakable } from './answer-encode.ts';
import { encodeError, encodeResponseError } from './errors.ts';
import { eventText } from './event-text.ts';
import { encodeFinish } from './finish.ts';
import { ownOf } from './kept-fields.ts';
import { responseHead, stateFields, usageOrNull } from './response.ts';
import { streamOutput } from './stream-output.ts';
import { clientNames } from './tools.ts';
import { encodeUsage } from './usage.ts';

/** Writes one stream: the full grammar of events, numbered, and the whole response in the first and the last of them. */
export function streamEncoder(context: EncodeContext): StreamEncoder {
  const text = eventText();
  const output = streamOutput({ names: clientNames(context.request), newId: context.newId }, text);
  let said: { id: string; created?: number } | undefined;
  let startExtra: Extra | undefined;
  /** The response object as JSON text without its end; undefined where it is the upstream's own and may change. */
  let head = '';
  let finish: Finish | undefined;
  let finishExtra: Extra | undefined;
  let usage: Usage | undefined;
  let ended = false;

  function responseText(fields: JsonObject, items: string): string {
    const rest = JSON.stringify(fields);
    return `,"response":${head}${rest === '{}' ? '' : `,${rest.slice(1, -1)}`},"output":[${items}]}`;
  }

  function start(event: Extract<StreamEvent, { type: 'start' }>): string {
    if (said !== undefined) return '';
    startExtra = event.extra;
    const first = responseHead(event, event.extra, context);
    // The id and the time are set once.
    said = {
      id: String(first.id),
      ...(typeof first.created_at === 'number' && { created: first.created_at }),
    };
    head = withoutEnd(first);
    usage = event.usage ?? usage;
    const fields =
      ownOf(event.extra) === undefined
        ? { ...stateFields({ status: 'in_progress', incomplete_details: null }, context), usage: null }
        : {};
    const response = responseText(fields, '');
    return text.event('response.created', response) + text.event('response.in_progress', response);
  }

  function ensureStarted(): string {
    return said === undefined ? start({ type: 'start', id: '', model: context.model }) : '';
  }

  /** The last event: how the answer ended, and all of it. */
  function terminal(error: ProtocolError | undefined): string {
    ended = true;
    const own = ownOf(finishExtra ?? startExtra);
    if (own !== undefined && said !== undefined) {
      // A failure after a start of this protocol: the status in the start is obsolete.
      const fields = error === undefined ? own.fields : { ...own.fields, status: 'failed', error: null };
      head = withoutEnd(
        responseHead(said, { protocol: 'openai-responses', fields, originalForm: own.originalForm }, context),
      );
    }
    const counted =
      own === undefined ? { usage: usageOrNull(usage) } : usage && { usage: encodeUsage(usage) };
    if (error !== undefined) {
      const failed = {
        ...stateFields({ status: 'failed', incomplete_details: null }, context),
        error: encodeResponseError(error),
      };
      // The API sends both: SDKs throw on the first, Codex reads the second.
      return (
        text.event('error', errorFields(error)) +
        text.event('response.failed', responseText({ ...failed, ...counted }, output.items()))
      );
    }
    const state = encodeFinish(finish);
    const complete = finishExtra !== undefined && ownOf(finishExtra) !== undefined;
    const type =
      (complete ? ownOf(finishExtra)?.fields.status : state.status) === 'incomplete'
        ? 'incomplete'
        : 'completed';
    const fields = complete ? { ...counted } : { ...stateFields(state, context), ...counted };
    return text.event(`response.${type}`, responseText(fields, output.items()));
  }

  /** Whether an answer from elsewhere ended early; one of this protocol has it at its items. */
  function endsCut(): boolean {
    return ownOf(finishExtra) === undefined && encodeFinish(finish).status === 'incomplete';
  }

  function encode(event: StreamEvent): string {
    if (ended) return '';
    switch (event.type) {
      case 'delta':
        return output.openPart(event.index)?.delta(event.text) ?? '';
      case 'start':
        return start(event);
      case 'part-start': {
        const part = (event.choice ?? 0) === 0 ? speakable(event.part) : undefined;
        return part === undefined ? '' : ensureStarted() + output.begin(event.index, part);
      }
      case 'citation':
        return output.openPart(event.index)?.citation(event.citation) ?? '';
      case 'logprobs':
        output.openPart(event.index)?.logprobs?.(event.tokens);
        return '';
      case 'signature':
        output.openPart(event.index)?.signature(event.signature);
        return '';
      case 'part-end':
        return output.end(event.index, event.cut === true);
      case 'usage':
        usage = event.usage;
        return '';
      case 'finish':
        if ((event.choice ?? 0) === 0) {
          finish = event.finish;
          finishExtra = event.extra;
        }
        return '';
      case 'error':
        return ensureStarted() + output.endAll('failed') + terminal(event.error);
      case 'end':
        return ensureStarted() + output.endAll(endsCut() ? 'cut' : 'complete') + terminal(undefined);
    }
  }
  return { encode };
}

/** The SDK's `ResponseErrorEvent` has the fields at its top, the API itself sends them as an object: both are written. */
function errorFields(error: ProtocolError): string {
  const said = asObject(encodeError(error).error) ?? {};
  const { code, message, param } = said;
  return `,${JSON.stringify({ code, message, param, error: said }).slice(1, -1)}`;
}

function withoutEnd(value: JsonObject): string {
  return JSON.stringify(value).slice(0, -1);
}
