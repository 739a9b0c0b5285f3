import type { Client } from './client.ts';

export const googleSdk: Client = {
  name: 'google-sdk',
  title: 'Google Gen AI SDK',
  protocol: 'gemini',
  recipe: ({ url, key, model }) => `Both read GEMINI_API_KEY; the address is set in the program:

  new GoogleGenAI({ apiKey: '${key}', httpOptions: { baseUrl: '${url}' } })
  genai.Client(api_key="${key}", http_options=types.HttpOptions(base_url="${url}"))

Model: ${model}
`,
  source: 'googleapis.github.io/js-genai',
};
