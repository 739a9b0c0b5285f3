import type { Client } from './client.ts';

export const langchain: Client = {
  name: 'langchain',
  title: 'LangChain',
  protocol: 'openai-chat',
  recipe: ({ url, key, model }) => `Python:

  from langchain_openai import ChatOpenAI
  model = ChatOpenAI(model="${model}", base_url="${url}/v1", api_key="${key}")

JavaScript:

  import { ChatOpenAI } from '@langchain/openai';
  const model = new ChatOpenAI({ model: '${model}', apiKey: '${key}', configuration: { baseURL: '${url}/v1' } });
`,
  source: 'docs.langchain.com/oss/python/integrations/chat/openai',
};
