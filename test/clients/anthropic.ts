import Anthropic from '@anthropic-ai/sdk';
import type {
  Message,
  MessageCreateParamsNonStreaming,
  MessageParam,
} from '@anthropic-ai/sdk/resources/messages/messages';
import {
  type Conversation,
  inputOf,
  type OfficialClient,
  type Settings,
  sameText,
  type Told,
} from './conversation.ts';

/** `@anthropic-ai/sdk`; streams through its MessageStream. */
export const anthropicClient: OfficialClient = {
  name: '@anthropic-ai/sdk',
  protocol: 'anthropic-messages',
  open,
  shown(error) {
    if (!(error instanceof Anthropic.APIError)) throw error;
    return {
      status: error.status,
      message: error.message,
      retryAfter: error.headers?.get('retry-after') ?? undefined,
    };
  },
};

function open(settings: Settings): Conversation {
  const client = new Anthropic({
    baseURL: settings.url,
    apiKey: settings.key,
    authToken: null,
    maxRetries: 0,
    defaultHeaders: settings.headers,
  });
  const history: MessageParam[] = [];
  let calls: string[] = [];

  async function ask(): Promise<Told> {
    const params: MessageCreateParamsNonStreaming = {
      model: settings.model,
      max_tokens: settings.maxTokens ?? 4096,
      messages: history,
      ...(settings.system !== undefined && { system: settings.system }),
      ...(settings.tools && {
        tools: settings.tools.map(({ name, description, parameters }) => ({
          name,
          description,
          input_schema: { ...parameters, type: 'object' as const },
        })),
      }),
      ...(settings.stop && { stop_sequences: settings.stop }),
      ...(settings.thinks && { thinking: { type: 'enabled', budget_tokens: 2048 } }),
    };
    const message = settings.stream
      ? await streamed(client, params, settings)
      : await client.messages.create(params, { signal: settings.signal });
    history.push({ role: 'assistant', content: message.content });
    const told = toldBy(message);
    calls = told.calls.map((call) => call.id);
    return told;
  }

  return {
    say(text, image) {
      history.push({
        role: 'user',
        content:
          image === undefined
            ? text
            : [
                { type: 'text', text },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } },
              ],
      });
      return ask();
    },
    give(results) {
      history.push({
        role: 'user',
        content: calls.map((id, index) => ({
          type: 'tool_result',
          tool_use_id: id,
          content: results[index]?.text ?? '',
          ...(results[index]?.isError && { is_error: true }),
        })),
      });
      return ask();
    },
  };
}

async function streamed(
  client: Anthropic,
  params: MessageCreateParamsNonStreaming,
  settings: Settings,
): Promise<Message> {
  const stream = client.messages.stream(params, { signal: settings.signal });
  const pieces: string[] = [];
  stream.on('text', (piece) => {
    pieces.push(piece);
    settings.onText?.(piece);
  });
  const message = await stream.finalMessage();
  sameText(pieces, textOf(message));
  return message;
}

function textOf(message: Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

const finishes: Record<string, Told['finish']> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
};

function toldBy(message: Message): Told {
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = message.usage;
  return {
    text: textOf(message),
    calls: message.content.flatMap((block) =>
      block.type === 'tool_use'
        ? [{ id: block.id, name: block.name, input: inputOf(JSON.stringify(block.input)) }]
        : [],
    ),
    finish: finishes[message.stop_reason ?? ''] ?? 'stop',
    usage: {
      input: input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0),
      output: output_tokens,
    },
  };
}
