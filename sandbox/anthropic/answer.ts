/** Writes Messages answers: whole and as events. */
import type {
  Message,
  MessageDeltaUsage,
  RawContentBlockDelta,
  RawMessageStreamEvent,
  RedactedThinkingBlock,
  StopReason,
  TextBlock,
  ThinkingBlock,
  ToolUseBlock,
  Usage,
} from '@anthropic-ai/sdk/resources/messages/messages';
import type { Exchange, StreamText } from '../dialect.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asObject, asObjects } from '../json-members.ts';
import { piecesOf, type Reply } from '../reply.ts';
import { digest, seal } from '../seal.ts';
import type { SseEvent } from '../sse.ts';

const stops: Record<Reply['finish'], StopReason> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
};

type Block = TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock;

export function writeMessage(exchange: Exchange): Message {
  return { ...shell(exchange), content: blocksOf(exchange), ...stopOf(exchange), usage: usageOf(exchange) };
}

export function streamMessage(exchange: Exchange): StreamText {
  const events: SseEvent[] = [];
  const send = (event: RawMessageStreamEvent | { type: 'ping' }): void => {
    events.push({ event: event.type, data: JSON.stringify(event) });
  };
  send({
    type: 'message_start',
    message: {
      ...shell(exchange),
      usage: { ...usageOf(exchange), output_tokens: 1, output_tokens_details: null },
    },
  });
  for (const [index, block] of blocksOf(exchange).entries()) {
    const { start, deltas } = inParts(block, exchange.reply);
    send({ type: 'content_block_start', index, content_block: start });
    if (index === 0) send({ type: 'ping' });
    for (const delta of deltas) send({ type: 'content_block_delta', index, delta });
    send({ type: 'content_block_stop', index });
  }
  const finishAt = events.length;
  send({
    type: 'message_delta',
    delta: { ...stopOf(exchange), container: null },
    usage: deltaUsage(usageOf(exchange)),
  });
  send({ type: 'message_stop' });
  return { events, finishAt };
}

function shell({ prompt, state }: Exchange): Omit<Message, 'usage'> {
  return {
    id: state.newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: prompt.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
  };
}

function stopOf({ reply }: Exchange): Pick<Message, 'stop_reason' | 'stop_sequence' | 'stop_details'> {
  const reason = stops[reply.finish];
  return {
    stop_reason: reason,
    stop_sequence: reply.stopSequence ?? null,
    stop_details:
      reason === 'refusal' ? { type: 'refusal', category: null, explanation: reply.text.join('') } : null,
  };
}

/** `input_tokens` are those that neither came from the cache nor went into it. */
function usageOf({ incoming, prompt, reply }: Exchange): Usage {
  const { input, cacheRead, cacheWrite } = prompt.tokens;
  const hour = hourly(incoming.body);
  return {
    input_tokens: input - cacheRead - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: hour ? 0 : cacheWrite,
      ephemeral_1h_input_tokens: hour ? cacheWrite : 0,
    },
    output_tokens: reply.usage.output,
    output_tokens_details: reply.usage.reasoning > 0 ? { thinking_tokens: reply.usage.reasoning } : null,
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  };
}

/** Whether the last mark of the prompt keeps for an hour. */
function hourly(body: JsonObject): boolean {
  const nodes = [
    body,
    ...asObjects(body.system),
    ...asObjects(body.messages).flatMap((m) => asObjects(m.content)),
  ];
  return nodes.some((node) => asObject(node.cache_control)?.ttl === '1h');
}

function deltaUsage(usage: Usage): MessageDeltaUsage {
  return {
    input_tokens: usage.input_tokens,
    cache_creation_input_tokens: usage.cache_creation_input_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens,
    output_tokens: usage.output_tokens,
    output_tokens_details: usage.output_tokens_details,
    server_tool_use: null,
  };
}

// ---------------------------------------------------------------- blocks

function blocksOf({ prompt, reply, state }: Exchange): Block[] {
  const blocks: Block[] = [];
  if (reply.reasoning.length > 0) {
    const shown = prompt.reasoning.shown ? reply.reasoning.join('') : '';
    blocks.push(
      reply.secret
        ? { type: 'redacted_thinking', data: seal('redacted', digest(reply.reasoning.join(''))) }
        : { type: 'thinking', thinking: shown, signature: seal('thinking', digest(shown)) },
    );
  }
  const text = reply.text.join('');
  if (text !== '') blocks.push({ type: 'text', text, citations: null });
  for (const call of reply.calls) {
    const input = parseJson(call.input);
    blocks.push({
      type: 'tool_use',
      id: state.newId('toolu_'),
      name: call.name,
      input: isObject(input) ? input : {},
      caller: { type: 'direct' },
    });
  }
  return blocks;
}

/** A block as it begins, and what makes it whole. */
function inParts(block: Block, reply: Reply): { start: Block; deltas: RawContentBlockDelta[] } {
  switch (block.type) {
    case 'redacted_thinking':
      return { start: block, deltas: [] };
    case 'thinking': {
      const pieces = block.thinking === '' ? [] : reply.reasoning;
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          ...pieces.map((thinking): RawContentBlockDelta => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block.signature },
        ],
      };
    }
    case 'text':
      return {
        start: { ...block, text: '' },
        deltas: reply.text.map((text) => ({ type: 'text_delta', text })),
      };
    case 'tool_use':
      return {
        start: { ...block, input: {} },
        deltas: ['', ...piecesOf(JSON.stringify(block.input))].map((partial_json) => ({
          type: 'input_json_delta',
          partial_json,
        })),
      };
  }
}
