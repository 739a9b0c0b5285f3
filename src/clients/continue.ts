import type { Client } from './client.ts';

export const continueDev: Client = {
  name: 'continue',
  title: 'Continue',
  protocol: 'openai-chat',
  recipe: ({ url, key, model }) => `In ~/.continue/config.yaml, under "models":

  models:
    - name: ${model}
      provider: openai
      model: ${model}
      apiBase: ${url}/v1
      apiKey: ${key}
      roles: [chat, edit, apply]
`,
  source: 'docs.continue.dev/customize/model-providers/top-level/openai',
};
