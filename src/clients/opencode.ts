import { join } from 'node:path';
import type { Client, Connection } from './client.ts';
import { providerId } from './client.ts';

function provider({ url, key, models }: Connection) {
  return {
    npm: '@ai-sdk/openai-compatible',
    name: 'cli-proxy-api',
    options: { baseURL: `${url}/v1`, apiKey: key },
    models: Object.fromEntries(models.map((model) => [model, { name: model }])),
  };
}

export const opencode: Client = {
  name: 'opencode',
  title: 'opencode',
  protocol: 'openai-chat',
  program: { command: 'opencode', install: 'npm install -g opencode-ai' },
  session: (connection) => ({
    env: {
      // Merged over the files of the person and of the project.
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        provider: { [providerId]: provider(connection) },
        model: `${providerId}/${connection.model}`,
        small_model: `${providerId}/${connection.small}`,
      }),
    },
  }),
  settings: (connection, { home, env }) => {
    const directory = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'opencode');
    return [
      {
        // The one that exists; a new one is opencode.json.
        paths: env.OPENCODE_CONFIG
          ? [env.OPENCODE_CONFIG]
          : [join(directory, 'opencode.json'), join(directory, 'opencode.jsonc')],
        format: 'json',
        changes: [
          { path: ['provider', providerId], value: provider(connection) },
          { path: ['model'], value: `${providerId}/${connection.model}` },
          { path: ['small_model'], value: `${providerId}/${connection.small}` },
        ],
      },
    ];
  },
  addsItself: ['$schema'],
  source: 'opencode.ai/docs/config, opencode.ai/docs/providers; run with 1.18',
};
