import type { Client, Connection } from './client.ts';

function variables({ url, key, model }: Connection): Record<string, string> {
  return {
    GOOSE_PROVIDER: 'openai',
    GOOSE_MODEL: model,
    OPENAI_HOST: url,
    OPENAI_BASE_PATH: 'v1/chat/completions',
    OPENAI_API_KEY: key,
  };
}

export const goose: Client = {
  name: 'goose',
  title: 'goose',
  protocol: 'openai-chat',
  program: { command: 'goose', install: 'brew install block-goose-cli' },
  session: (connection) => ({ env: variables(connection) }),
  // It takes keys from its keychain or the environment only, so there is no file to write.
  recipe: (
    connection,
  ) => `Put these into your shell's profile, or enter the same in "goose configure" (OpenAI):

${Object.entries(variables(connection))
  .map(([name, value]) => `  export ${name}='${value}'`)
  .join('\n')}
`,
  source:
    'block.github.io/goose/docs/guides/config-files, block.github.io/goose/docs/guides/environment-variables',
};
