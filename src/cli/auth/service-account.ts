/** The key file of a Google Cloud service account becomes an account. */

import { readFile } from 'node:fs/promises';
import { accountProvider } from '../../accounts/provider-overrides.ts';
import { checkServiceAccount, saveSignedIn } from '../../accounts/saved-sign-in.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { reasonOf } from '../../ground/reason.ts';
import type { AccountFacts } from '../../providers/account-provider.ts';
import { readServiceAccount } from '../../providers/service-account.ts';
import { printable } from '../../telemetry/printable.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';
import { viewOf } from './account-view.ts';
import { accountConfig, accountFailure, openStore } from './accounts.ts';
import { signInFailure } from './failures.ts';
import { nextSteps } from './next-steps.ts';
import { openOutbound } from './outbound.ts';

export interface ServiceAccountWishes {
  file: string;
  location?: string | undefined;
  prefix?: string | undefined;
  label?: string | undefined;
  proxyUrl: string | undefined;
  config?: string | undefined;
  json: boolean;
}

/** Checks the key with Google and saves the account; gives what `--json` prints. Throws a Failure with the reason. */
export async function importServiceAccount(wishes: ServiceAccountWishes, shell: Shell): Promise<object> {
  const config = await accountConfig(wishes.config, shell);
  const store = await openStore(config);
  const provider = accountProvider('vertex', config);
  const facts = await factsIn(wishes);
  await check(facts, wishes.proxyUrl, config, shell);

  const fields = {
    ...(wishes.prefix === undefined ? {} : { prefix: wishes.prefix }),
    ...(wishes.label === undefined ? {} : { description: wishes.label }),
  };
  const saved = await saveSignedIn(store, 'vertex', provider, { tokens: undefined, facts }, fields);
  if (!saved.ok) throw accountFailure(saved.problem);
  const view = viewOf(saved.account, provider, systemClock.now());
  if (!wishes.json) {
    const { out, err } = shell;
    const projects = facts.projects?.join(', ');
    out.write(
      `${out.style('green', '✓')} ${provider.title}: ${printable(`${facts.email} for project ${projects} in ${facts.location}`)}.\n  ${view.file}\n`,
    );
    err.write(`\n${await nextSteps(saved.account, config)}`);
  }
  return { ok: true, ...view };
}

async function factsIn({ file, location }: ServiceAccountWishes): Promise<AccountFacts> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure('failure', `cannot read ${file}: ${reasonOf(error)}`);
  }
  const read = readServiceAccount(text, location);
  if (read.ok) return read.facts;
  throw new Failure(
    'failure',
    `${file}: ${read.problem}`,
    'It must be the JSON key of a service account, from the Google Cloud console: IAM, Service accounts, Keys, Add key.',
  );
}

/** Without a network the key may still be good, so this is only a warning. */
async function check(
  facts: AccountFacts,
  proxyUrl: string | undefined,
  config: Config,
  shell: Shell,
): Promise<void> {
  using outbound = openOutbound(config);
  const deps = outbound.to('vertex', proxyUrl);
  const checked = await checkServiceAccount(facts, accountProvider('vertex', config), deps);
  switch (checked.kind) {
    case 'good':
      return;
    case 'refused':
      throw signInFailure(checked.failure, 'cli-proxy-api auth vertex --file FILE');
    case 'unchecked':
      shell.err.write(
        `${shell.err.style('yellow', 'warning:')} the key is not checked: ${checked.message}\n`,
      );
  }
}
