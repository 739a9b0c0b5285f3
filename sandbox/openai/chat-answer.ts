/** Writes Chat Completions answers: whole and as chunks. */
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import type { Exchange, StreamText } from '../dialect.ts';
import { asObject } from '../json-members.ts';
import { piecesOf, type Reply } from '../reply.ts';
import type { SseEvent } from '../sse.ts';

/** `reasoning_content` is what OpenAI-compatible servers add where their models think aloud. */
interface WithReasoning {
  reasoning_content?: string;
}

const finishes: Record<Reply['finish'], ChatCompletion.Choice['finish_reason']> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  refusal: 'stop',
};

export function writeChat(exchange: Exchange): ChatCompletion {
  const { prompt, reply, state } = exchange;
  const text = reply.text.join('');
  const refused = reply.finish === 'refusal';
  return {
    id: state.newId('chatcmpl-'),
    object: 'chat.completion',
    created: seconds(exchange),
    model: prompt.model,
    choices: Array.from({ length: prompt.answers }, (_, index): ChatCompletion.Choice => {
      const message: ChatCompletion.Choice['message'] & WithReasoning = {
        role: 'assistant',
        content: refused || (text === '' && reply.calls.length > 0) ? null : text,
        refusal: refused ? text : null,
        annotations: [],
        ...(reply.reasoning.length === 0 ? {} : { reasoning_content: reply.reasoning.join('') }),
        ...(reply.calls.length === 0 ? {} : { tool_calls: toolCalls(exchange) }),
      };
      return {
        index,
        message,
        logprobs: wantsLogprobs(exchange) ? logprobsOf(reply.text) : null,
        finish_reason: finishes[reply.finish],
      };
    }),
    usage: usageOf(exchange),
    service_tier: 'default',
    system_fingerprint: 'fp_sandbox',
  };
}

function toolCalls({ reply, state }: Exchange): ChatCompletionMessageToolCall[] {
  return reply.calls.map((call) => {
    const id = state.newId('call_');
    return call.kind === 'custom'
      ? { id, type: 'custom', custom: { name: call.name, input: call.input } }
      : { id, type: 'function', function: { name: call.name, arguments: call.input } };
  });
}

type Delta = ChatCompletionChunk.Choice.Delta & WithReasoning;

/** A custom call in a stream; the SDK has no type for it yet. */
interface CustomCallDelta {
  index: number;
  id?: string;
  type?: 'custom';
  custom: { name?: string; input: string };
}

export function streamChat(exchange: Exchange): StreamText {
  const { prompt, reply, state } = exchange;
  const withUsage = asObject(exchange.incoming.body.stream_options)?.include_usage === true;
  const events: SseEvent[] = [];
  const head = {
    id: state.newId('chatcmpl-'),
    object: 'chat.completion.chunk' as const,
    created: seconds(exchange),
    model: prompt.model,
    service_tier: 'default' as const,
    system_fingerprint: 'fp_sandbox',
  };
  const send = (choices: ChatCompletionChunk.Choice[], usage: CompletionUsage | null): void => {
    const chunk: ChatCompletionChunk = { ...head, choices, ...(withUsage ? { usage } : {}) };
    events.push({ event: undefined, data: JSON.stringify(chunk) });
  };
  const logged = wantsLogprobs(exchange);
  for (let index = 0; index < prompt.answers; index++) {
    const delta = (value: Delta, logprobs?: ChatCompletionChunk.Choice.Logprobs): void =>
      send([{ index, delta: value, finish_reason: null, ...(logprobs ? { logprobs } : {}) }], null);
    delta({ role: 'assistant', content: reply.calls.length > 0 ? null : '', refusal: null });
    for (const piece of reply.reasoning) delta({ reasoning_content: piece });
    for (const piece of reply.text) {
      if (reply.finish === 'refusal') delta({ refusal: piece });
      else delta({ content: piece }, logged ? logprobsOf([piece]) : undefined);
    }
    streamCalls(exchange, delta);
  }
  const finishAt = events.length;
  for (let index = 0; index < prompt.answers; index++)
    send([{ index, delta: {}, finish_reason: finishes[reply.finish] }], null);
  if (withUsage) send([], usageOf(exchange));
  events.push({ event: undefined, data: '[DONE]' });
  return { events, finishAt };
}

function streamCalls({ reply, state }: Exchange, delta: (value: Delta) => void): void {
  reply.calls.forEach((call, index) => {
    const id = state.newId('call_');
    if (call.kind === 'custom') {
      const customs = (value: CustomCallDelta): Delta => Object.assign({}, { tool_calls: [value] });
      delta(customs({ index, id, type: 'custom', custom: { name: call.name, input: '' } }));
      for (const input of piecesOf(call.input)) delta(customs({ index, custom: { input } }));
      return;
    }
    delta({
      tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }],
    });
    for (const piece of piecesOf(call.input))
      delta({ tool_calls: [{ index, function: { arguments: piece } }] });
  });
}

function usageOf({ prompt, reply }: Exchange): CompletionUsage {
  const output = reply.usage.output * prompt.answers;
  return {
    prompt_tokens: prompt.tokens.input,
    completion_tokens: output,
    total_tokens: prompt.tokens.input + output,
    prompt_tokens_details: { cached_tokens: prompt.tokens.cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reply.usage.reasoning * prompt.answers,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function wantsLogprobs({ incoming }: Exchange): boolean {
  return incoming.body.logprobs === true;
}

const encoder = new TextEncoder();

function logprobsOf(pieces: readonly string[]): ChatCompletion.Choice.Logprobs {
  return {
    content: pieces.map((token) => ({
      token,
      // The sandbox is sure of itself.
      logprob: 0,
      bytes: [...encoder.encode(token)],
      top_logprobs: [],
    })),
    refusal: null,
  };
}

function seconds({ state }: Exchange): number {
  return Math.floor(state.now() / 1000);
}
