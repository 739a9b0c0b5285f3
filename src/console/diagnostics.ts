/**
 * All that somebody who helps has to know of this gateway, in one JSON file: what it is, how it is set up, what is wrong, what
 * has failed last, the end of the log. Secrets are taken out, and so are the names of people in addresses and in the home directory.
 */

import { homedir } from 'node:os';
import type { Clock } from '../ground/clock.ts';
import type { ManagedConfig } from '../management/managed-config.ts';
import { type ApiCall, type ApiRoute, apiRoute } from './api-route.ts';
import type { Look } from './frame.ts';
import type { OwnerRoutes } from './management-bridge.ts';
import { createSecretMask } from './settings/secret-mask.ts';
import type { AccountRow, SystemFacts } from './wire.ts';

export interface DiagnosticsDeps extends OwnerRoutes {
  configFile: () => ManagedConfig | undefined;
  now: Clock['now'];
}

/** What is looked up for the file, and for the pages. */
export interface Looked {
  look: Look;
  system: SystemFacts;
}

const logLines = 500;
/** Accounts that are listed; of more there is the number. */
const mostAccounts = 200;

export function diagnosticsRoute(deps: DiagnosticsDeps, looked: () => Promise<Looked>): ApiRoute {
  return apiRoute('GET', 'diagnostics', 'owner', async (call) => {
    const at = new Date(deps.now()).toISOString();
    const text = withoutPeople(JSON.stringify(await contents(deps, call, await looked(), at), null, 2));
    return new Response(text, {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': `attachment; filename="cli-proxy-api-diagnostics-${at.slice(0, 10)}.json"`,
        'cache-control': 'no-store',
      },
    });
  });
}

async function contents(
  { asOwner, configFile }: DiagnosticsDeps,
  { caller }: ApiCall,
  { look: { accounts, overview }, system }: Looked,
  at: string,
): Promise<Record<string, unknown>> {
  const asked = async (path: string): Promise<unknown> => {
    const answer = await asOwner(new Request(`http://gateway/v0/management/${path}`), caller);
    return answer.json().catch(() => null);
  };
  return {
    about: 'Made by the console of cli-proxy-api, for a bug report. Look through it before you publish it.',
    at,
    system,
    state: overview.state,
    problems: overview.problems,
    accounts: accounts.slice(0, mostAccounts).map(shownAccount),
    accountCount: accounts.length,
    pools: overview.pools,
    lastFailures: overview.failures,
    ...Object(await asked('cluster')),
    config: await configText(configFile()),
    log: await asked(`logs?limit=${logLines}`),
  };
}

/** Without the owner's own texts, and without anything that identifies them. */
function shownAccount({ email, note, ...row }: AccountRow): Partial<AccountRow> {
  return row;
}

async function configText(managed: ManagedConfig | undefined): Promise<string | null> {
  try {
    const file = await managed?.file();
    if (file === undefined) return null;
    const { text } = await file.read();
    return (await createSecretMask().masked(text)).replace(/•••\S*•[0-9a-f]{12}/g, '•••');
  } catch {
    // A file that cannot be read is among the problems.
    return null;
  }
}

/** E-mail addresses keep what is behind the @; the home directory is `~`. */
export function withoutPeople(text: string): string {
  const home = homedir();
  const hidden = text.replace(/[\w.+%-]+@(?=[\w-]+\.[\w.-]+)/g, '…@');
  return home.length > 1 ? hidden.replaceAll(home, '~') : hidden;
}
