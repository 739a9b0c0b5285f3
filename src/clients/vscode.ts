import type { Client } from './client.ts';

export const vscode: Client = {
  name: 'vscode',
  title: 'VS Code (Copilot Chat)',
  protocol: 'openai-chat',
  recipe: ({
    url,
    key,
    model,
  }) => `Command palette, "Chat: Manage Language Models", Add, "Custom Endpoint": name cli-proxy-api, key ${key}, API type Chat
Completions. VS Code keeps the key apart; then in chatLanguageModels.json, which opens, under "models":

  {
    "id": "${model}",
    "name": "${model}",
    "url": "${url}/v1/chat/completions",
    "toolCalling": true,
    "vision": true,
    "maxInputTokens": 128000,
    "maxOutputTokens": 16000
  }
`,
  source:
    'code.visualstudio.com/docs/agent-customization/language-models; Custom Endpoint is in VS Code from 1.122 on',
};
