import { join } from 'node:path';
import type { Client, Connection } from './client.ts';

function variables({ url, key, model }: Connection): Record<string, string> {
  return { GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url, GEMINI_MODEL: model };
}

/** Without it, it asks how to sign in, or signs in to Google. */
const byKey = { security: { auth: { selectedType: 'gemini-api-key' } } };

export const gemini: Client = {
  name: 'gemini',
  title: 'Gemini CLI',
  protocol: 'gemini',
  prefers: [/^gemini-.*pro/, /^gemini-/, /gemini/],
  program: { command: 'gemini', install: 'npm install -g @google/gemini-cli' },
  session: (connection, directory) => ({
    env: {
      ...variables(connection),
      GOOGLE_API_KEY: undefined,
      GOOGLE_GENAI_USE_VERTEXAI: undefined,
      // The settings of the system win over a person's: the only way to set how it signs in for one session.
      GEMINI_CLI_SYSTEM_SETTINGS_PATH: join(directory, 'settings.json'),
    },
    files: { 'settings.json': JSON.stringify(byKey) },
  }),
  settings: (connection, { home, env }) => {
    const directory = join(env.GEMINI_CLI_HOME || home, '.gemini');
    return [
      {
        paths: [join(directory, 'settings.json')],
        format: 'json',
        changes: [{ path: ['security', 'auth', 'selectedType'], value: byKey.security.auth.selectedType }],
      },
      {
        paths: [join(directory, '.env')],
        format: 'dotenv',
        changes: Object.entries(variables(connection)).map(([name, value]) => ({ path: [name], value })),
      },
    ];
  },
  note: 'A .env in the folder it is started in, or one above it, is read instead of ~/.gemini/.env.',
  source: 'geminicli.com/docs/reference/configuration; run with 0.61',
};
