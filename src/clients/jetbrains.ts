import type { Client } from './client.ts';

export const jetbrains: Client = {
  name: 'jetbrains',
  title: 'JetBrains AI Assistant',
  protocol: 'openai-chat',
  recipe: ({
    url,
    key,
    model,
  }) => `Settings, Tools, AI Assistant, Models & API keys, Third-party AI providers:

  Provider  OpenAI-compatible
  URL       ${url}/v1
  API key   ${key}

Then choose ${model} under "Models assignment".
`,
  source: 'jetbrains.com/help/ai-assistant/use-custom-models.html',
};
