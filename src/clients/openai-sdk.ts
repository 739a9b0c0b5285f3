import type { Client } from './client.ts';

export const openaiSdk: Client = {
  name: 'openai-sdk',
  title: 'OpenAI SDK',
  protocol: 'openai-chat',
  recipe: ({ url, key, model }) => `Both read OPENAI_BASE_URL and OPENAI_API_KEY; or in the program:

  new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' })
  OpenAI(base_url="${url}/v1", api_key="${key}")

Model: ${model}
`,
  source: 'github.com/openai/openai-node, github.com/openai/openai-python',
};
