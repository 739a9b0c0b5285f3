import type { Client } from './client.ts';

export const cursor: Client = {
  name: 'cursor',
  title: 'Cursor',
  protocol: 'openai-chat',
  recipe: ({
    url,
    key,
    model,
  }) => `Cursor sends requests from its own servers, so the gateway must have an address on the internet (HTTPS, a client key).
Cursor Settings, Models:

  OpenAI API Key            ${key}
  Override OpenAI Base URL  ${url}/v1
  Add model                 ${model}
`,
  source: 'cursor.com/docs/settings/api-keys',
};
