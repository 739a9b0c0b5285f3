import type { Client } from './client.ts';

export const zed: Client = {
  name: 'zed',
  title: 'Zed',
  protocol: 'openai-chat',
  recipe: ({ url, key, model }) => `In settings.json (command palette, "zed: open settings file"):

  "language_models": {
    "openai_compatible": {
      "cli-proxy-api": {
        "api_url": "${url}/v1",
        "available_models": [{ "name": "${model}", "max_tokens": 128000 }]
      }
    }
  },
  "agent": { "default_model": { "provider": "cli-proxy-api", "model": "${model}" } }

The key, ${key}, goes into the settings of that provider ("agent: open settings"); Zed keeps it in the keychain.
`,
  source: 'zed.dev/docs/ai/llm-providers',
};
