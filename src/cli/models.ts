import type { Config } from '../config/schema.ts';
import type { Candidate } from '../credentials/catalog.ts';
import { type Credential, providerNameOf } from '../credentials/credential.ts';
import { defineCommand } from './command.ts';
import { configOption, readConfig } from './config-file.ts';
import { fittedColumns, tableWidth, wideOption } from './fitted-table.ts';
import type { Shell } from './shell.ts';

export const command = defineCommand('models', {
  summary: 'List the models that your keys and accounts serve',
  options: {
    config: configOption,
    wide: wideOption,
    json: { type: 'boolean', meaning: 'Print JSON: a list of id and credentials (label, provider, model)' },
  },
  async run({ values }, shell) {
    const { config } = await readConfig(values.config, shell);
    const { createCatalog } = await import('../credentials/catalog.ts');
    const { credentialsFromConfig } = await import('../credentials/from-config.ts');
    const { askServices } = await import('./found-models.ts');
    const asked = await askServices(credentialsFromConfig(config), config);
    for (const { models, sentence } of asked.outcomes) if (models === 0) shell.err.write(`${sentence}.\n`);
    const { accounts, credentials: ofAccounts } = await accountCredentials(config, shell);
    const own = [...asked.credentials, ...ofAccounts];
    const sandbox = config.sandbox && own.length === 0 && accounts === 0;
    const credentials = sandbox ? await ofSandbox() : own;
    const { withModelRoutes } = await import('../credentials/model-routes.ts');
    const catalog = createCatalog(credentials, config['force-model-prefix']);
    const models = withModelRoutes(catalog, config['model-routes']).models();
    if (values.json) {
      const listed = models.map(({ id, candidates }) => ({ id, credentials: candidates.map(behind) }));
      shell.out.write(`${JSON.stringify(listed)}\n`);
    } else if (models.length > 0) {
      const rows = models.map(({ id, candidates }) => [
        id,
        unique(candidates.map(({ credential }) => providerNameOf(credential))),
        unique(candidates.map(({ credential }) => credential.label)),
      ]);
      const table = [['MODEL', 'PROVIDER', 'CREDENTIALS'], ...rows];
      shell.out.write(`${fittedColumns(table, tableWidth(shell, values.wide))}\n`);
    }
    if (sandbox)
      shell.err.write('No credential is configured yet: "cli-proxy-api serve" answers from its sandbox.\n');
    else if (credentials.length === 0) {
      const { noCredential } = await import('../gateway/error-answer.ts');
      shell.err.write(`${noCredential}\n`);
    }
    return 'ok' as const;
  },
});

/** What the accounts of `auth-dir` serve. */
async function accountCredentials(
  config: Config,
  shell: Shell,
): Promise<{ accounts: number; credentials: Credential[] }> {
  const { openStore, warnOf } = await import('./auth/accounts.ts');
  const { listedCredentials } = await import('./auth/account-credentials.ts');
  const { accounts, problems } = await (await openStore(config)).list();
  warnOf(problems, shell);
  return { accounts: accounts.length, credentials: listedCredentials(accounts, config) };
}

/** The models of a gateway with the sandbox: no provider is called, so no address is needed. */
async function ofSandbox(): Promise<Credential[]> {
  const { sandboxCredentials } = await import('../credentials/sandbox.ts');
  return sandboxCredentials('');
}

function behind({ credential, model }: Candidate) {
  return { label: credential.label, provider: providerNameOf(credential), model };
}

function unique(words: string[]): string {
  return [...new Set(words)].join(', ');
}
