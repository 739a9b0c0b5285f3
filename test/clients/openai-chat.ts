import OpenAI from 'openai';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources';
import {
  type Conversation,
  inputOf,
  type OfficialClient,
  type Settings,
  type ShownFailure,
  sameText,
  type Told,
} from './conversation.ts';

/** `openai`, Chat Completions; streams through its ChatCompletionStream. */
export const openaiChatClient: OfficialClient = {
  name: 'openai (chat)',
  protocol: 'openai-chat',
  open,
  shown: shownByOpenai,
};

function open(settings: Settings): Conversation {
  const client = openaiFor(settings);
  const history: ChatCompletionMessageParam[] = [];
  let calls: string[] = [];
  if (settings.system !== undefined) history.push({ role: 'system', content: settings.system });

  async function ask(): Promise<Told> {
    const params: ChatCompletionCreateParamsNonStreaming = {
      model: settings.model,
      messages: history,
      ...(settings.tools && {
        tools: settings.tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })),
      }),
      ...(settings.stop && { stop: settings.stop }),
      ...(settings.thinks && { reasoning_effort: 'high' }),
      ...(settings.maxTokens && { max_completion_tokens: settings.maxTokens }),
    };
    const completion = settings.stream
      ? await streamed(client, params, settings)
      : await client.chat.completions.create(params, { signal: settings.signal });
    const message = completion.choices[0]?.message;
    if (message !== undefined) history.push(message);
    const told = toldBy(completion);
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
                { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
              ],
      });
      return ask();
    },
    give(results) {
      // The protocol has no mark for a failed call: its text says so.
      for (const [index, id] of calls.entries())
        history.push({ role: 'tool', tool_call_id: id, content: results[index]?.text ?? '' });
      return ask();
    },
  };
}

async function streamed(
  client: OpenAI,
  params: ChatCompletionCreateParamsNonStreaming,
  settings: Settings,
): Promise<ChatCompletion> {
  const stream = client.chat.completions.stream(
    { ...params, stream: true, stream_options: { include_usage: true } },
    { signal: settings.signal },
  );
  const pieces: string[] = [];
  stream.on('content', (piece) => {
    pieces.push(piece);
    settings.onText?.(piece);
  });
  const completion = await stream.finalChatCompletion();
  sameText(pieces, completion.choices[0]?.message.content ?? '');
  return completion;
}

const finishes: Record<string, Told['finish']> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  content_filter: 'refusal',
};

function toldBy(completion: ChatCompletion): Told {
  const [choice, ...others] = completion.choices;
  if (choice === undefined || others.length > 0) throw new Error(`${completion.choices.length} choices`);
  const calls = (choice.message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function'
      ? [{ id: call.id, name: call.function.name, input: inputOf(call.function.arguments) }]
      : [],
  );
  return {
    text: choice.message.content ?? '',
    calls,
    finish: choice.message.refusal ? 'refusal' : (finishes[choice.finish_reason] ?? 'stop'),
    usage: {
      input: completion.usage?.prompt_tokens ?? 0,
      output: completion.usage?.completion_tokens ?? 0,
    },
  };
}

/** A client of the gateway that never tries again by itself: tests count requests. */
export function openaiFor({ url, key, headers }: Settings): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, defaultHeaders: headers });
}

export function shownByOpenai(error: unknown): ShownFailure {
  if (!(error instanceof OpenAI.APIError)) throw error;
  return {
    status: error.status,
    message: error.message,
    retryAfter: error.headers?.get('retry-after') ?? undefined,
  };
}
