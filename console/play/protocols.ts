/** The form of a prompt in each protocol, and the readable parts of its answers. Shapes: the providers' own references. */
import { at, errorIn, listAt, type Part, part, tokens } from './answer-parts.ts';
import type { Prompt } from './prompt.ts';

export const protocols = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export type Protocol = (typeof protocols)[number];

interface Spoken {
  title: string;
  /** Below the address of the gateway. */
  path(model: string, stream: boolean): string;
  headers?: Record<string, string>;
  body(model: string, prompt: Prompt): Record<string, unknown>;
  /** An event of a stream. */
  event(value: unknown): Part[];
  /** An answer that does not stream. */
  whole(value: unknown): Part[];
}

/** Anthropic's API asks for one always. */
const usualMaxTokens = 4096;

/** Members that are not set are left out. */
function given(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== ''),
  );
}

const listed = <Value>(values: readonly Value[]): readonly Value[] | undefined =>
  values.length === 0 ? undefined : values;

const dataUrl = ({ mediaType, base64 }: NonNullable<Prompt['image']>): string =>
  `data:${mediaType};base64,${base64}`;

const callText = (name: unknown, args: unknown): string =>
  `${String(name)}(${typeof args === 'string' ? args : JSON.stringify(args ?? {})})`;

const chat: Spoken = {
  title: 'OpenAI Chat',
  path: () => 'v1/chat/completions',
  body: (model, { system, text, image, temperature, effort, maxTokens, tools, stream }) =>
    given({
      model,
      messages: [
        ...(system === '' ? [] : [{ role: 'system', content: system }]),
        {
          role: 'user',
          content:
            image === undefined
              ? text
              : [
                  { type: 'text', text },
                  { type: 'image_url', image_url: { url: dataUrl(image) } },
                ],
        },
      ],
      temperature,
      reasoning_effort: effort,
      max_completion_tokens: maxTokens,
      tools: listed(tools.map((tool) => ({ type: 'function', function: tool }))),
      stream,
      stream_options: stream ? { include_usage: true } : undefined,
    }),
  event: (value) => [
    ...chatMessage(at(value, 'choices', 0, 'delta'), true),
    ...tokens(at(value, 'usage', 'prompt_tokens'), at(value, 'usage', 'completion_tokens')),
    ...errorIn(value),
  ],
  whole: (value) => [
    ...chatMessage(at(value, 'choices', 0, 'message'), false),
    ...tokens(at(value, 'usage', 'prompt_tokens'), at(value, 'usage', 'completion_tokens')),
    ...errorIn(value),
  ],
};

/** Of a stream, the arguments of a call come piece by piece after its name. */
function chatMessage(message: unknown, streamed: boolean): Part[] {
  return [
    ...part('thought', at(message, 'reasoning_content') ?? at(message, 'reasoning')),
    ...part('text', at(message, 'content')),
    ...listAt(message, 'tool_calls').flatMap((call) => {
      const [name, args] = [at(call, 'function', 'name'), at(call, 'function', 'arguments')];
      if (!streamed) return part('call', callText(name, args));
      return [...part('call', typeof name === 'string' ? `${name} ` : ''), ...part('call', args)];
    }),
  ];
}

const responses: Spoken = {
  title: 'OpenAI Responses',
  path: () => 'v1/responses',
  body: (model, { system, text, image, temperature, effort, maxTokens, tools, stream }) =>
    given({
      model,
      instructions: system,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text },
            ...(image === undefined ? [] : [{ type: 'input_image', image_url: dataUrl(image) }]),
          ],
        },
      ],
      temperature,
      reasoning: effort === '' ? undefined : { effort, summary: 'auto' },
      max_output_tokens: maxTokens,
      tools: listed(tools.map((tool) => ({ type: 'function', ...tool }))),
      stream,
      store: false,
    }),
  event(value) {
    const delta = at(value, 'delta');
    switch (at(value, 'type')) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return part('text', delta);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return part('thought', delta);
      case 'response.output_item.added':
        return at(value, 'item', 'type') === 'function_call'
          ? part('call', `${String(at(value, 'item', 'name'))} `)
          : [];
      case 'response.function_call_arguments.delta':
        return part('call', delta);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        return [...responsesUsage(at(value, 'response')), ...errorIn(value)];
      case 'error':
        return [...part('error', at(value, 'message')), ...errorIn(value)];
      default:
        return [];
    }
  },
  whole: (value) => [
    ...listAt(value, 'output').flatMap((item) => [
      ...listAt(item, 'summary').flatMap((summary) => part('thought', at(summary, 'text'))),
      ...(at(item, 'type') === 'message'
        ? listAt(item, 'content').flatMap((one) => part('text', at(one, 'text') ?? at(one, 'refusal')))
        : []),
      ...(at(item, 'type') === 'function_call'
        ? part('call', callText(at(item, 'name'), at(item, 'arguments')))
        : []),
    ]),
    ...responsesUsage(value),
    ...errorIn(value),
  ],
};

function responsesUsage(response: unknown): Part[] {
  return tokens(at(response, 'usage', 'input_tokens'), at(response, 'usage', 'output_tokens'));
}

const anthropic: Spoken = {
  title: 'Anthropic Messages',
  path: () => 'v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: (model, { system, text, image, temperature, effort, maxTokens, tools, stream }) =>
    given({
      model,
      max_tokens: maxTokens ?? usualMaxTokens,
      system,
      messages: [
        {
          role: 'user',
          content:
            image === undefined
              ? text
              : [
                  {
                    type: 'image',
                    source: { type: 'base64', media_type: image.mediaType, data: image.base64 },
                  },
                  { type: 'text', text },
                ],
        },
      ],
      temperature,
      output_config: effort === '' ? undefined : { effort },
      tools: listed(
        tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
      ),
      stream,
    }),
  event(value) {
    switch (at(value, 'type')) {
      case 'message_start':
        return anthropicUsage(at(value, 'message', 'usage'));
      case 'content_block_start':
        return at(value, 'content_block', 'type') === 'tool_use'
          ? part('call', `${String(at(value, 'content_block', 'name'))} `)
          : [];
      case 'content_block_delta':
        return [
          ...part('text', at(value, 'delta', 'text')),
          ...part('thought', at(value, 'delta', 'thinking')),
          ...part('call', at(value, 'delta', 'partial_json')),
        ];
      case 'message_delta':
        return anthropicUsage(at(value, 'usage'));
      case 'error':
        return errorIn(value);
      default:
        return [];
    }
  },
  whole: (value) => [
    ...listAt(value, 'content').flatMap((block) => [
      ...part('thought', at(block, 'thinking')),
      ...part('text', at(block, 'text')),
      ...(at(block, 'type') === 'tool_use'
        ? part('call', callText(at(block, 'name'), at(block, 'input')))
        : []),
    ]),
    ...anthropicUsage(at(value, 'usage')),
    ...errorIn(value),
  ],
};

function anthropicUsage(usage: unknown): Part[] {
  const counted = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
    .map((name) => at(usage, name))
    .filter((count) => typeof count === 'number');
  const input = counted.length === 0 ? undefined : counted.reduce((sum, count) => sum + count, 0);
  return tokens(input, at(usage, 'output_tokens'));
}

const gemini: Spoken = {
  title: 'Gemini',
  path: (model, stream) =>
    `v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: (_, { system, text, image, temperature, effort, maxTokens, tools }) =>
    given({
      systemInstruction: system === '' ? undefined : { parts: [{ text: system }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text },
            ...(image === undefined
              ? []
              : [{ inlineData: { mimeType: image.mediaType, data: image.base64 } }]),
          ],
        },
      ],
      generationConfig: given({
        temperature,
        maxOutputTokens: maxTokens,
        thinkingConfig: effort === '' ? undefined : { thinkingLevel: effort, includeThoughts: true },
      }),
      tools: tools.length === 0 ? undefined : [{ functionDeclarations: tools }],
    }),
  event: (value) => geminiParts(value),
  whole: (value) => geminiParts(value),
};

function geminiParts(value: unknown): Part[] {
  const usage = at(value, 'usageMetadata');
  const [answer, thoughts] = [at(usage, 'candidatesTokenCount'), at(usage, 'thoughtsTokenCount')];
  const output =
    typeof answer === 'number' ? answer + (typeof thoughts === 'number' ? thoughts : 0) : undefined;
  return [
    ...listAt(value, 'candidates', 0, 'content', 'parts').flatMap((one) => {
      const call = at(one, 'functionCall');
      if (call !== undefined) return part('call', callText(at(call, 'name'), at(call, 'args')));
      return part(at(one, 'thought') === true ? 'thought' : 'text', at(one, 'text'));
    }),
    ...tokens(at(usage, 'promptTokenCount'), output),
    ...errorIn(value),
  ];
}

export const spoken: Readonly<Record<Protocol, Spoken>> = {
  'openai-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': anthropic,
  gemini,
};
