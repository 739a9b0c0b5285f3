/** Writes Responses answers: whole and as events. */
import type {
  Response,
  ResponseCustomToolCall,
  ResponseFunctionToolCall,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseReasoningItem,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses';
import type { Exchange, StreamText } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { asArray, asBoolean, asNumber, asObject, asString } from '../json-members.ts';
import { piecesOf } from '../reply.ts';
import { seal } from '../seal.ts';
import type { SseEvent } from '../sse.ts';
import { conversationOf, reasonedMark } from './responses-request.ts';

/** What is on the wire: the SDK adds `output_text` itself, and leaves out fields that plain accounts do not get. */
type WireResponse = Omit<
  Response,
  | 'output_text'
  | 'access_programs'
  | 'tools'
  | 'tool_choice'
  | 'text'
  | 'reasoning'
  | 'metadata'
  | 'usage'
  | 'user'
  | 'prompt_cache_retention'
> & {
  /** What the request said, given back. */
  tools: JsonObject[];
  tool_choice: unknown;
  text: unknown;
  reasoning: unknown;
  metadata: unknown;
  usage: ResponseUsage | null;
  user: string | null;
  prompt_cache_retention: string | null;
  /** On the wire, but not in the SDK's type. */
  billing: { payer: 'developer' };
  frequency_penalty: number;
  presence_penalty: number;
  store: boolean;
};

/** On the wire custom calls have a status, as other calls do. */
type CustomCall = ResponseCustomToolCall & { status: 'completed' };
type OutputItem = Exclude<ResponseOutputItem, ResponseCustomToolCall> | CustomCall;

type Omitted<T> = T extends unknown ? Omit<T, 'sequence_number'> : never;
/** An event before it is numbered; whole responses are in their wire form. */
type Event =
  | Omitted<Exclude<ResponseStreamEvent, { response: Response }>>
  | {
      type: 'response.created' | 'response.in_progress' | 'response.completed' | 'response.incomplete';
      response: WireResponse;
    };

export function writeResponse(exchange: Exchange): WireResponse {
  const output = outputItems(exchange);
  const response = finished(exchange, begun(exchange), output);
  keep(exchange, response.id, output);
  return response;
}

export function streamResponse(exchange: Exchange): StreamText {
  const events: SseEvent[] = [];
  const send = (event: Event): void => {
    events.push({ event: event.type, data: JSON.stringify({ ...event, sequence_number: events.length }) });
  };
  const response = begun(exchange);
  send({ type: 'response.created', response });
  send({ type: 'response.in_progress', response });
  const output = outputItems(exchange);
  for (const [index, item] of output.entries()) streamItem(item, index, exchange, send);
  const finishAt = events.length;
  const whole = finished(exchange, response, output);
  send({
    type: whole.status === 'incomplete' ? 'response.incomplete' : 'response.completed',
    response: whole,
  });
  keep(exchange, response.id, output);
  return { events, finishAt };
}

function begun({ incoming: { body }, prompt, state }: Exchange): WireResponse {
  return {
    id: state.newId('resp_'),
    object: 'response',
    created_at: Math.floor(state.now() / 1000),
    status: 'in_progress',
    background: false,
    billing: { payer: 'developer' },
    completed_at: null,
    error: null,
    frequency_penalty: 0,
    incomplete_details: null,
    instructions: asString(body.instructions) ?? null,
    max_output_tokens: asNumber(body.max_output_tokens) ?? null,
    max_tool_calls: null,
    model: prompt.model,
    output: [],
    parallel_tool_calls: asBoolean(body.parallel_tool_calls) ?? true,
    presence_penalty: 0,
    previous_response_id: asString(body.previous_response_id) ?? null,
    prompt_cache_key: asString(body.prompt_cache_key) ?? null,
    reasoning: { effort: null, summary: null, ...asObject(body.reasoning) },
    prompt_cache_retention: null,
    safety_identifier: null,
    service_tier: 'default',
    store: body.store !== false,
    temperature: asNumber(body.temperature) ?? 1,
    text: givenFormat(asObject(body.text)),
    tool_choice: body.tool_choice ?? 'auto',
    tools: asArray(body.tools).map((tool) => givenBack(asObject(tool) ?? {})),
    top_logprobs: 0,
    top_p: asNumber(body.top_p) ?? 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: asObject(body.metadata) ?? {},
  };
}

/** What was asked of the text, as recorded answers repeat it. */
function givenFormat(text: JsonObject | undefined): JsonObject {
  const format = asObject(text?.format) ?? { type: 'text' };
  return {
    verbosity: 'medium',
    ...text,
    format: format.type === 'json_schema' ? { description: null, ...format } : format,
  };
}

/** A tool as answers repeat it, with what its request left to the default. */
function givenBack(tool: JsonObject): JsonObject {
  switch (tool.type) {
    case 'function':
      return { description: null, ...tool, strict: tool.strict !== false };
    case 'custom':
      return { description: null, format: { type: 'text' }, ...tool };
    default:
      return tool;
  }
}

function finished(
  { prompt, reply, state }: Exchange,
  response: WireResponse,
  output: OutputItem[],
): WireResponse {
  const cut = reply.finish === 'length';
  const usage: ResponseUsage = {
    input_tokens: prompt.tokens.input,
    input_tokens_details: { cached_tokens: prompt.tokens.cacheRead, cache_write_tokens: 0 },
    output_tokens: reply.usage.output,
    output_tokens_details: { reasoning_tokens: reply.usage.reasoning },
    total_tokens: prompt.tokens.input + reply.usage.output,
  };
  return {
    ...response,
    status: cut ? 'incomplete' : 'completed',
    completed_at: cut ? null : Math.floor(state.now() / 1000),
    incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
    output,
    usage,
  };
}

// ---------------------------------------------------------------- items

function outputItems(exchange: Exchange): OutputItem[] {
  const { reply, state } = exchange;
  const items: OutputItem[] = [];
  const reasoned = reply.reasoning.length > 0;
  const rest = state.newId('');
  if (reasoned) items.push(reasoningItem(exchange, rest));
  if (reply.text.length > 0 || reply.calls.length === 0) items.push(messageItem(exchange));
  for (const [i, call] of reply.calls.entries()) {
    // The id says which reasoning must come back with the call: nothing else has to be remembered.
    const id = reasoned ? `${reasonedMark}${rest}_${i}` : state.newId('');
    items.push(
      call.kind === 'custom'
        ? ({
            id: `ctc_${id}`,
            type: 'custom_tool_call',
            status: 'completed',
            call_id: state.newId('call_'),
            name: call.name,
            input: call.input,
          } satisfies CustomCall)
        : ({
            id: `fc_${id}`,
            type: 'function_call',
            status: 'completed',
            call_id: state.newId('call_'),
            name: call.name,
            arguments: call.input,
          } satisfies ResponseFunctionToolCall),
    );
  }
  return items;
}

function reasoningItem({ incoming, prompt, reply }: Exchange, rest: string): ResponseReasoningItem {
  const id = `rs_${rest}`;
  const encrypted = asArray(incoming.body.include).includes('reasoning.encrypted_content');
  return {
    id,
    type: 'reasoning',
    content: [],
    summary:
      prompt.reasoning.shown && !reply.secret
        ? [{ type: 'summary_text', text: reply.reasoning.join('') }]
        : [],
    ...(encrypted ? { encrypted_content: seal('reasoning', id) } : {}),
  };
}

function messageItem({ reply, state }: Exchange): ResponseOutputMessage {
  const text = reply.text.join('');
  return {
    id: state.newId('msg_'),
    type: 'message',
    role: 'assistant',
    status: reply.finish === 'length' ? 'incomplete' : 'completed',
    content: [
      reply.finish === 'refusal'
        ? { type: 'refusal', refusal: text }
        : { type: 'output_text', text, annotations: [], logprobs: [] },
    ],
  };
}

/** Keeps the conversation where the request did not forbid it, for `previous_response_id`. */
function keep({ incoming, state }: Exchange, id: string, output: readonly OutputItem[]): void {
  if (incoming.body.store === false) return;
  const items = output.map((item): JsonObject => JSON.parse(JSON.stringify(item)));
  state.responses.keep(id, [...conversationOf(incoming.body, state), ...items], items);
}

// ---------------------------------------------------------------- events

type Send = (event: Event) => void;

function streamItem(item: OutputItem, index: number, exchange: Exchange, send: Send): void {
  switch (item.type) {
    case 'reasoning':
      streamReasoning(item, index, exchange, send);
      break;
    case 'message':
      streamMessage(item, index, exchange, send);
      break;
    case 'function_call':
      streamFunctionCall(item, index, send);
      break;
    case 'custom_tool_call':
      streamCustomCall(item, index, send);
      break;
  }
  send({ type: 'response.output_item.done', output_index: index, item });
}

function streamReasoning(item: ResponseReasoningItem, index: number, { reply }: Exchange, send: Send): void {
  const { encrypted_content: _, ...plain } = item;
  send({ type: 'response.output_item.added', output_index: index, item: { ...plain, summary: [] } });
  const at = { item_id: item.id, output_index: index, summary_index: 0 };
  for (const part of item.summary) {
    send({ type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } });
    for (const delta of reply.reasoning)
      send({ type: 'response.reasoning_summary_text.delta', ...at, delta });
    send({ type: 'response.reasoning_summary_text.done', ...at, text: part.text });
    send({ type: 'response.reasoning_summary_part.done', ...at, part });
  }
}

function streamMessage(item: ResponseOutputMessage, index: number, { reply }: Exchange, send: Send): void {
  send({
    type: 'response.output_item.added',
    output_index: index,
    item: { ...item, status: 'in_progress', content: [] },
  });
  const at = { item_id: item.id, output_index: index, content_index: 0 };
  for (const part of item.content) {
    if (part.type === 'refusal') {
      send({ type: 'response.content_part.added', ...at, part: { type: 'refusal', refusal: '' } });
      for (const delta of reply.text) send({ type: 'response.refusal.delta', ...at, delta });
      send({ type: 'response.refusal.done', ...at, refusal: part.refusal });
    } else {
      send({ type: 'response.content_part.added', ...at, part: { ...part, text: '' } });
      for (const delta of reply.text)
        send({ type: 'response.output_text.delta', ...at, delta, logprobs: [] });
      send({ type: 'response.output_text.done', ...at, text: part.text, logprobs: [] });
    }
    send({ type: 'response.content_part.done', ...at, part });
  }
}

function streamFunctionCall(item: ResponseFunctionToolCall, index: number, send: Send): void {
  send({
    type: 'response.output_item.added',
    output_index: index,
    item: { ...item, status: 'in_progress', arguments: '' },
  });
  const at = { item_id: item.id ?? '', output_index: index };
  for (const delta of piecesOf(item.arguments))
    send({ type: 'response.function_call_arguments.delta', ...at, delta });
  // openai-python and OpenAI's document have the name; the SDK's type for JavaScript does not.
  const named = { ...at, name: item.name };
  send({ type: 'response.function_call_arguments.done', ...named, arguments: item.arguments });
}

function streamCustomCall(item: CustomCall, index: number, send: Send): void {
  const begun = { ...item, status: 'in_progress', input: '' };
  send({ type: 'response.output_item.added', output_index: index, item: begun });
  const at = { item_id: item.id ?? '', output_index: index };
  for (const delta of piecesOf(item.input))
    send({ type: 'response.custom_tool_call_input.delta', ...at, delta });
  send({ type: 'response.custom_tool_call_input.done', ...at, input: item.input });
}
