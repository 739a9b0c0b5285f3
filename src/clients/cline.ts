import { join } from 'node:path';
import type { Client, Connection } from './client.ts';

const provider = 'openai-compatible';

function entry({ url, key, model }: Connection) {
  return {
    settings: { provider, apiKey: key, model, baseUrl: `${url}/v1` },
    tokenSource: 'manual',
  };
}

export const cline: Client = {
  name: 'cline',
  title: 'Cline (command line, VS Code, JetBrains)',
  protocol: 'openai-chat',
  program: { command: 'cline', install: 'npm install -g cline' },
  session: (connection, directory) => ({
    env: { CLINE_DATA_DIR: directory },
    args: ['--data-dir', directory, '--provider', provider, '--model', connection.model],
    files: {
      'settings/providers.json': JSON.stringify({
        version: 1,
        lastUsedProvider: provider,
        modes: {},
        providers: { [provider]: { ...entry(connection), updatedAt: '1970-01-01T00:00:00.000Z' } },
      }),
    },
  }),
  settings: (connection, { home }) => [
    {
      paths: [join(home, '.cline', 'data', 'settings', 'providers.json')],
      format: 'json',
      changes: [
        { path: ['version'], value: 1 },
        { path: ['lastUsedProvider'], value: provider },
        { path: ['providers', provider, 'settings'], value: entry(connection).settings },
        { path: ['providers', provider, 'tokenSource'], value: 'manual' },
        { path: ['providers', provider, 'updatedAt'], value: '1970-01-01T00:00:00.000Z' },
      ],
    },
  ],
  addsItself: ['modes'],
  recipe: ({ url, key, model }) => `In the editor, Cline's settings (the gear):

  API Provider  OpenAI Compatible
  Base URL      ${url}/v1
  API Key       ${key}
  Model ID      ${model}
`,
  source:
    'docs.cline.bot/provider-config/openai-compatible; the file as "cline auth" of 3 writes it; run with 3.0',
};
