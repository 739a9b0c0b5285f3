import type { Refreshed } from '../../accounts/refresh.ts';
import { printable } from '../../telemetry/printable.ts';
import { defineCommand } from '../command.ts';
import type { Ending } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption, parseProxy, proxyOption } from './options.ts';

/** What came of one account, as `--json` prints it. */
interface Outcome {
  id: string;
  file: string;
  result: Refreshed['kind'];
  message?: string;
  /** ISO 8601. */
  expires?: string;
  command?: string;
}

export const command = defineCommand('auth refresh', {
  summary: 'Renew the tokens of one account, or of all, now',
  words: { shown: '[ACCOUNT]', limit: 1 },
  options: {
    all: { type: 'boolean', meaning: 'Renew all accounts' },
    'proxy-url': proxyOption,
    config: configOption,
    json: jsonOption,
  },
  details: `ACCOUNT is an id of "auth list", the name of its file, or an e-mail; it need not be named where there is one account.
A running gateway renews tokens by itself: use this to check whether a login is still valid. Both may run at once,
a refresh token is never used twice.`,
  async run({ values, positionals: [wanted] }, shell) {
    if (wanted !== undefined && values.all) throw new Failure('usage', 'one account or --all, not both');
    const proxyUrl = values['proxy-url'] === undefined ? undefined : parseProxy(values['proxy-url']);
    return inJson(values.json === true, shell.out.write, async () => {
      const outcomes = await refreshed(
        { wanted, all: values.all === true, proxyUrl, config: values.config },
        shell,
      );
      if (!values.json) print(outcomes, shell);
      const ending = worst(outcomes);
      return { ending, object: { ok: ending === 'ok', accounts: outcomes } };
    });
  },
});

interface Asked {
  wanted: string | undefined;
  all: boolean;
  proxyUrl: string | undefined;
  config: string | undefined;
}

async function refreshed({ wanted, all, proxyUrl, config: file }: Asked, shell: Shell): Promise<Outcome[]> {
  const { accountConfig, findAccount, openStore, warnOf } = await import('./accounts.ts');
  const { signInCommand } = await import('../../accounts/sign-in-command.ts');
  const { openOutbound } = await import('./outbound.ts');
  const { createRefresh } = await import('../../accounts/refresh.ts');
  const { accountProvider } = await import('../../accounts/provider-overrides.ts');
  const config = await accountConfig(file, shell);
  const store = await openStore(config);
  const { accounts, problems } = await store.list();
  warnOf(problems, shell);
  const [only] = accounts;
  if (only === undefined)
    throw new Failure(
      'failure',
      `there is no account in ${store.directory}`,
      'cli-proxy-api auth lists the providers to sign in to.',
    );
  if (wanted === undefined && !all && accounts.length > 1)
    throw new Failure(
      'usage',
      `which of the ${accounts.length} accounts?`,
      'Name one of "cli-proxy-api auth list", or write --all.',
    );
  const meant = wanted !== undefined ? [findAccount(accounts, wanted)] : [...accounts];

  using outbound = openOutbound(config);
  const refresh = createRefresh({
    store,
    providerOf: (kind) => accountProvider(kind, config),
    // The command line overrides the account's file.
    depsOf: ({ kind, settings }) => outbound.to(kind, proxyUrl ?? settings.proxyUrl),
    warn: (message, { id }) =>
      shell.err.write(`${shell.err.style('yellow', 'warning:')} ${printable(`${id}: ${message}`)}\n`),
  });
  return Promise.all(
    meant.map(async (account): Promise<Outcome> => {
      const { id, file: path } = account;
      const outcome = await refresh(account);
      const ended: Outcome = { id, file: path, result: outcome.kind };
      if (outcome.kind === 'refreshed') {
        const { expiresAt } = outcome.account.tokens;
        return expiresAt === undefined ? ended : { ...ended, expires: new Date(expiresAt).toISOString() };
      }
      const { message } = outcome;
      return outcome.kind === 'sign-in-again'
        ? { ...ended, message, command: signInCommand(account) }
        : { ...ended, message };
    }),
  );
}

function print(outcomes: readonly Outcome[], { out, err }: Shell): void {
  for (const { id, result, message, expires, command: again } of outcomes) {
    if (result === 'refreshed')
      out.write(`${out.style('green', '✓')} ${id}: renewed${expires ? `, good until ${expires}` : ''}\n`);
    else err.write(`${err.style('red', '✗')} ${printable(`${id}: ${message}`)}\n`);
    if (again !== undefined) err.write(`  Sign in again: ${again}\n`);
  }
}

/** What a script needs to know first: a login that is gone, before a server that is away. */
function worst(outcomes: readonly Outcome[]): Ending {
  if (outcomes.some(({ result }) => result === 'sign-in-again')) return 'sign-in-again';
  return outcomes.every(({ result }) => result === 'refreshed') ? 'ok' : 'failure';
}
