/** The `ai` SDK with its three providers, as agents are written with it: loops of thinking and parallel tools. */
import { describe, expect, test } from 'bun:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import {
  generateText,
  isStepCount,
  jsonSchema,
  type LanguageModel,
  type ModelMessage,
  streamText,
  tool,
} from 'ai';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';

const { gateway } = await overSandbox();

const openai = createOpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1` });
const anthropic = createAnthropic({ apiKey: clientKey, baseURL: `${gateway.url}/v1` });
const google = createGoogle({ apiKey: clientKey, baseURL: `${gateway.url}/v1beta` });

const googleModel = (name: string): LanguageModel => google(name);

interface Provider {
  name: string;
  model(name: string): LanguageModel;
  /** Asks for thinking. The chat provider shows none. */
  thinking: Parameters<typeof generateText>[0]['providerOptions'];
  shows: boolean;
}

const providers: readonly Provider[] = [
  {
    name: '@ai-sdk/openai, chat',
    model: (name) => openai.chat(name),
    thinking: { openai: { reasoningEffort: 'high', forceReasoning: true } },
    shows: false,
  },
  {
    name: '@ai-sdk/openai, responses',
    model: (name) => openai.responses(name),
    thinking: {
      openai: {
        reasoningEffort: 'high',
        reasoningSummary: 'auto',
        forceReasoning: true,
        store: false,
        include: ['reasoning.encrypted_content'],
      },
    },
    shows: true,
  },
  {
    name: '@ai-sdk/anthropic',
    model: (name) => anthropic(name),
    thinking: { anthropic: { thinking: { type: 'enabled', budgetTokens: 4000 } } },
    shows: true,
  },
  {
    name: '@ai-sdk/google',
    model: googleModel,
    thinking: { google: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'high' } } },
    shows: true,
  },
];

const answering = (text: string) =>
  tool({
    description: 'Answers',
    inputSchema: jsonSchema<{ city: string }>({
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    }),
    execute: async ({ city }) => `${text} in ${city}`,
  });
const tools = { weather: answering('sunny'), clock: answering('noon') };

interface Loop {
  steps: readonly {
    reasoningText: string | undefined;
    toolCalls: readonly { toolName: string; input: unknown }[];
    finishReason: string;
  }[];
  text: string;
  messages: ModelMessage[];
  totalTokens: number | undefined;
}

/** Runs the agent until it calls no more tools. */
async function loop(
  provider: Provider,
  upstream: Protocol,
  messages: ModelMessage[],
  stream: boolean,
): Promise<Loop> {
  const asked = {
    model: provider.model(modelOver[upstream]),
    messages,
    tools,
    stopWhen: isStepCount(5),
    maxRetries: 0,
    maxOutputTokens: 20_000,
    providerOptions: provider.thinking,
  };
  if (!stream) {
    const { steps, text, response, totalUsage } = await generateText(asked);
    return { steps, text, messages: response.messages, totalTokens: totalUsage.totalTokens };
  }
  const result = streamText({
    ...asked,
    onError({ error }) {
      throw error;
    },
  });
  const pieces: string[] = [];
  for await (const piece of result.textStream) pieces.push(piece);
  const [steps, text, response, usage] = await Promise.all([
    result.steps,
    result.text,
    result.response,
    result.totalUsage,
  ]);
  expect(pieces.join('')).toContain(text);
  return { steps, text, messages: response.messages, totalTokens: usage.totalTokens };
}

const rows = providers.flatMap((provider) =>
  protocols.flatMap((upstream) =>
    [false, true].map((stream) => ({
      provider,
      upstream,
      stream,
      title: `${provider.name} over ${upstream}${stream ? ', streamed' : ''}`,
    })),
  ),
);

describe.each(rows)('$title', ({ provider, upstream, stream }) => {
  test('an agent thinks, calls two tools at once, gets their results and goes on', async () => {
    const messages: ModelMessage[] = [
      { role: 'user', content: 'call weather and clock with {"city":"Bonn"}' },
    ];
    const first = await loop(provider, upstream, messages, stream);
    expect(first.steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    expect(first.steps[0]?.toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ['weather', { city: 'Bonn' }],
      ['clock', { city: 'Bonn' }],
    ]);
    if (provider.shows) expect(first.steps[0]?.reasoningText).toContain('I need weather and clock');
    // Google's provider wraps results in an object, which goes to Google as it is.
    const wraps = provider.model === googleModel && upstream === 'gemini';
    const told = (name: string, result: string) =>
      `${name} answered: "${wraps ? JSON.stringify({ name, content: result }) : result}"`;
    expect(first.text).toBe(`${told('weather', 'sunny in Bonn')} ${told('clock', 'noon in Bonn')}`);
    expect(first.totalTokens).toBeGreaterThan(10);

    messages.push(...first.messages, { role: 'user', content: 'call clock with {"city":"Rome"}' });
    const second = await loop(provider, upstream, messages, stream);
    expect(second.text).toBe(told('clock', 'noon in Rome'));
    messages.push(...second.messages, { role: 'user', content: 'Thanks' });
    const last = await loop(provider, upstream, messages, stream);
    expect(last.text).toBe('Hello from the sandbox! You said: "Thanks"');
  });
});
