import type { Client } from './client.ts';

export const anthropicSdk: Client = {
  name: 'anthropic-sdk',
  title: 'Anthropic SDK',
  protocol: 'anthropic-messages',
  recipe: ({ url, key, model }) => `Both read ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY; or in the program:

  new Anthropic({ baseURL: '${url}', apiKey: '${key}' })
  Anthropic(base_url="${url}", api_key="${key}")

Model: ${model}
`,
  source: 'github.com/anthropics/anthropic-sdk-typescript',
};
