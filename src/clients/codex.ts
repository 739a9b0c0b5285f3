import { join } from 'node:path';
import type { Client, Connection } from './client.ts';
import { providerId } from './client.ts';

const keyVariable = 'CLI_PROXY_API_CLIENT_KEY';

function provider({ url }: Connection) {
  return { name: 'cli-proxy-api', base_url: `${url}/v1`, wire_api: 'responses' };
}

export const codex: Client = {
  name: 'codex',
  title: 'Codex',
  protocol: 'openai-responses',
  prefers: [/^gpt-.*codex/, /^gpt-5/, /^gpt-/],
  program: { command: 'codex', install: 'npm install -g @openai/codex' },
  session: (connection) => {
    const fields = Object.entries({ ...provider(connection), env_key: keyVariable })
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',');
    const settings = [
      `model_provider="${providerId}"`,
      `model_providers.${providerId}={${fields}}`,
      `model=${JSON.stringify(connection.model)}`,
    ];
    return {
      env: { [keyVariable]: connection.key },
      args: settings.flatMap((setting) => ['-c', setting]),
    };
  },
  settings: (connection, { home, env }) => [
    {
      paths: [join(env.CODEX_HOME || join(home, '.codex'), 'config.toml')],
      format: 'toml',
      changes: [
        { path: ['model'], value: connection.model },
        { path: ['model_provider'], value: providerId },
        {
          path: ['model_providers', providerId],
          value: { ...provider(connection), experimental_bearer_token: connection.key },
        },
      ],
    },
  ],
  source: 'developers.openai.com/codex/config-reference; run with 0.171',
};
