import { join } from 'node:path';
import type { Client, Connection } from './client.ts';

/** What decides where it asks and for what; its subagents ask for the models of the three sizes. */
function variables({ url, model, tiers }: Connection): Record<string, string> {
  return {
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_MODEL: model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: tiers.opus,
    ANTHROPIC_DEFAULT_SONNET_MODEL: tiers.sonnet,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: tiers.haiku,
  };
}

export const claude: Client = {
  name: 'claude',
  title: 'Claude Code',
  protocol: 'anthropic-messages',
  prefers: [/^claude-(?!.*haiku)/, /claude(?!.*haiku)/],
  program: { command: 'claude', install: 'npm install -g @anthropic-ai/claude-code' },
  session: (connection) => ({
    // A key in the environment would be taken instead of the token.
    env: {
      ...variables(connection),
      ANTHROPIC_AUTH_TOKEN: connection.key,
      ANTHROPIC_API_KEY: undefined,
      CLAUDE_CODE_USE_BEDROCK: undefined,
      CLAUDE_CODE_USE_VERTEX: undefined,
    },
    // Its settings win over the environment, and these over its settings. No secret: arguments are for all to see.
    args: ['--settings', JSON.stringify({ env: variables(connection) })],
  }),
  settings: (connection, { home, env }) => [
    {
      paths: [join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'settings.json')],
      format: 'json',
      changes: Object.entries({ ...variables(connection), ANTHROPIC_AUTH_TOKEN: connection.key }).map(
        ([name, value]) => ({ path: ['env', name], value }),
      ),
    },
  ],
  source: 'code.claude.com/docs/en/settings, code.claude.com/docs/en/model-config; run with 2.1',
};
