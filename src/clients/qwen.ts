import { join } from 'node:path';
import { type Client, proxyVariables } from './client.ts';

const keyVariable = 'CLI_PROXY_API_CLIENT_KEY';

export const qwen: Client = {
  name: 'qwen',
  title: 'Qwen Code',
  protocol: 'openai-chat',
  prefers: [/^qwen.*coder/, /^qwen/],
  program: { command: 'qwen', install: 'npm install -g @qwen-code/qwen-code' },
  session: ({ url, key, model }) => ({
    env: {
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: `${url}/v1`,
      OPENAI_MODEL: model,
      // It sends requests to this computer through the proxy too, even with NO_PROXY.
      ...Object.fromEntries(proxyVariables.map((name) => [name, undefined])),
    },
    args: ['--auth-type', 'openai', '--openai-base-url', `${url}/v1`, '--model', model],
  }),
  settings: ({ url, key, model }, { home }) => [
    {
      paths: [join(home, '.qwen', 'settings.json')],
      format: 'json',
      changes: [
        { path: ['env', keyVariable], value: key },
        {
          path: ['modelProviders', 'openai'],
          value: { id: model, name: `${model} (cli-proxy-api)`, baseUrl: `${url}/v1`, envKey: keyVariable },
          entryBy: 'envKey',
        },
        { path: ['security', 'auth', 'selectedType'], value: 'openai' },
        { path: ['model', 'name'], value: model },
      ],
    },
  ],
  addsItself: ['$version'],
  source: 'qwenlm.github.io/qwen-code-docs/en/users/configuration/model-providers; run with 0.15',
};
