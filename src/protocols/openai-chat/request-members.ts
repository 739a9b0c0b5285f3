/** platform.openai.com/docs/api-reference/chat/create, and what services with this protocol take beside it. */
import type { RequestMembers } from '../request-members.ts';

export const requestMembers: RequestMembers = {
  // The last is llama.cpp's (ggml-org/llama.cpp, tools/server).
  answerCounts: ['n', 'bestof', 'ncmpl'],
  // What gateways and servers read beside the members of the request itself: docs.litellm.ai (`extra_body`), ollama/docs/api.md
  // (`options`), huggingface/text-generation-inference (`parameters`).
  settings: ['extrabody', 'options', 'parameters'],
  thinking: ['reasoningeffort', 'effort'],
  thinkingGroups: ['reasoning', 'thinking'],
  fallbacks: ['fallbacks'],
  // openrouter.ai/docs/guides/routing/model-fallbacks and /docs/features/plugins; vercel.com/docs/ai-gateway (`providerOptions.gateway`);
  // `svg`, `moderation`: openai/resources/images, chat/completions.
  models: {
    within: ['models', 'fallbacks', 'provideroptions', 'plugins', 'tools', 'svg', 'moderation'],
    names: ['model', 'models', 'fallbacks', 'allowedmodels'],
    described: ['parameters', 'function', 'schema', 'examples', 'format'],
  },
  files: {
    urls: ['url', 'image_url', 'video_url', 'audio_url', 'document_url', 'file_url', 'file_data', 'data'],
    bytes: ['data'],
    fileBytes: ['file_data'],
    types: ['format'],
    free: ['parameters', 'schema', 'metadata'],
  },
  owned: { named: ['audio', 'file_id', 'file_ids'], made: [], madeObjects: ['audio'] },
};
