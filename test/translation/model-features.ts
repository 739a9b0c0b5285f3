/** What the upstream's model refuses or has not, whatever its protocol could say: driven by the table of models. */
import { at, partly, type RequestFeature, says } from './feature.ts';

const generation = (config: Record<string, number | number[] | string[]>) => ({ generationConfig: config });
const refuses = 'the model refuses it';
const nearest = 'the nearest level that the model has';
const alwaysThinks = 'its weakest level, not shown: the model always thinks';

export const modelFeatures: readonly RequestFeature[] = [
  {
    name: 'temperature, to a model that takes the default only',
    ofModel: true,
    models: { chat: 'gpt-5.2', responses: 'gpt-5', anthropic: 'claude-opus-4-7' },
    asks: {
      chat: { temperature: 0.3 },
      responses: { temperature: 0.3 },
      anthropic: { temperature: 0.3 },
      gemini: generation({ temperature: 0.3 }),
    },
    heard: { gemini: says('generationConfig.temperature', 0.3) },
    notes: { chat: refuses, responses: refuses, anthropic: refuses },
  },
  {
    name: '`top_k`, to a model that does not sample by it',
    ofModel: true,
    models: { anthropic: 'claude-sonnet-5-5' },
    asks: { chat: { top_k: 20 }, gemini: generation({ topK: 20 }), anthropic: { top_k: 20 } },
    heard: { gemini: says('generationConfig.topK', 20) },
    notes: { chat: 'strict servers refuse it', responses: 'no such setting there', anthropic: refuses },
  },
  {
    name: 'stop sequences, to a model that takes none',
    ofModel: true,
    models: { chat: 'o3' },
    asks: {
      chat: { stop: ['END'] },
      anthropic: { stop_sequences: ['END'] },
      gemini: generation({ stopSequences: ['END'] }),
    },
    heard: {
      anthropic: says('stop_sequences', ['END']),
      gemini: says('generationConfig.stopSequences', ['END']),
    },
    notes: { chat: refuses, responses: 'no such setting there' },
  },
  {
    name: 'penalties, to a model that takes none',
    ofModel: true,
    models: { chat: 'grok-4.7' },
    asks: {
      chat: { presence_penalty: 0.5, frequency_penalty: 0.5 },
      gemini: generation({ presencePenalty: 0.5, frequencyPenalty: 0.5 }),
    },
    heard: {},
    notes: { chat: refuses, responses: refuses, anthropic: 'no such setting there', gemini: refuses },
  },
  {
    name: 'an effort that the model has not',
    ofModel: true,
    models: { chat: 'gpt-5.1', responses: 'gpt-5.1' },
    asks: {
      chat: { reasoning_effort: 'xhigh' },
      responses: { reasoning: { effort: 'xhigh' } },
      anthropic: { output_config: { effort: 'xhigh' } },
    },
    heard: {
      chat: partly(says('reasoning_effort', 'high')),
      responses: partly(says('reasoning.effort', 'high')),
      anthropic: partly(says('output_config.effort', 'high')),
      gemini: partly(says('generationConfig.thinkingConfig.thinkingLevel', 'HIGH')),
    },
    notes: { chat: nearest, responses: nearest, anthropic: nearest, gemini: nearest },
  },
  {
    name: 'no thinking, from a model that always thinks',
    ofModel: true,
    models: { chat: 'gpt-5', responses: 'gpt-6.1-sol', anthropic: 'claude-opus-5-5' },
    asks: {
      chat: { reasoning_effort: 'none' },
      responses: { reasoning: { effort: 'none' } },
      anthropic: { thinking: { type: 'disabled' } },
      gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    },
    heard: {
      chat: partly(says('reasoning_effort', 'minimal')),
      responses: partly((body) => Bun.deepEquals(at(body, 'reasoning'), { effort: 'low' })),
      anthropic: partly((body) => at(body, 'thinking.display') === 'omitted'),
      gemini: partly((body) =>
        Bun.deepEquals(at(body, 'generationConfig.thinkingConfig'), { thinkingLevel: 'LOW' }),
      ),
    },
    notes: { chat: alwaysThinks, responses: alwaysThinks, anthropic: alwaysThinks, gemini: alwaysThinks },
  },
  {
    name: 'a call that must be made, by a model that decides itself',
    ofModel: true,
    models: { anthropic: 'claude-opus-5-5' },
    asks: {
      chat: {
        tools: [
          { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
        ],
        tool_choice: 'required',
      },
      responses: {
        tools: [
          { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
        ],
        tool_choice: 'required',
      },
      gemini: {
        tools: [{ functionDeclarations: [{ name: 'f' }] }],
        toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      },
      anthropic: {
        tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
        tool_choice: { type: 'any' },
      },
    },
    heard: {
      chat: says('tool_choice', 'required'),
      responses: says('tool_choice', 'required'),
      anthropic: partly(says('tool_choice.type', 'auto')),
      gemini: says('toolConfig.functionCallingConfig.mode', 'ANY'),
    },
    notes: { anthropic: 'the model may call a tool' },
  },
];
