/** The models that the sandbox lists. Which others are answered: known-models.ts. */
import type { ModelInfo } from '@anthropic-ai/sdk/resources/models';
import type { Model } from 'openai/resources/models';
import type { DialectName } from './dialect.ts';

export const sandboxModels = [
  'sandbox',
  'sandbox-chat',
  'sandbox-responses',
  'sandbox-claude',
  'sandbox-gemini',
] as const;

/** 2026-01-01, in seconds: the sandbox's models are all of an age. */
const created = 1_767_225_600;
const inputLimit = 1_048_576;
const outputLimit = 65_536;

function openAiModel(id: string): Model {
  return { id, object: 'model', created, owned_by: 'sandbox' };
}

function openAiModels(): { object: 'list'; data: Model[] } {
  return { object: 'list', data: sandboxModels.map(openAiModel) };
}

function anthropicModel(id: string): ModelInfo {
  return {
    id,
    type: 'model',
    display_name: id,
    created_at: new Date(created * 1000).toISOString(),
    deprecated_at: null,
    retires_at: null,
    lifecycle: 'active',
    line: null,
    capabilities: null,
    max_input_tokens: inputLimit,
    max_tokens: outputLimit,
  };
}

function anthropicModels(): object {
  const data = sandboxModels.map(anthropicModel);
  return { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id };
}

function geminiModel(id: string): object {
  return {
    name: `models/${id}`,
    version: '001',
    displayName: id,
    description: 'A model of the sandbox.',
    inputTokenLimit: inputLimit,
    outputTokenLimit: outputLimit,
    supportedGenerationMethods: ['generateContent', 'countTokens', 'embedContent', 'batchEmbedContents'],
    thinking: true,
  };
}

function geminiModels(): object {
  return { models: sandboxModels.map(geminiModel) };
}

/** The list, or one model of it, as the provider writes it. */
export function listed(name: DialectName, model: string | undefined): object {
  switch (name) {
    case 'openai-chat':
    case 'openai-responses':
      return model === undefined ? openAiModels() : openAiModel(model);
    case 'anthropic-messages':
      return model === undefined ? anthropicModels() : anthropicModel(model);
    case 'gemini':
      return model === undefined ? geminiModels() : geminiModel(model);
  }
}
