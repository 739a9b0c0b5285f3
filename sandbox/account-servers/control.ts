/** What tests and the curious do with the accounts: look at logins, force expiry, revoke, ask for faults, decide devices. */

import { jsonAnswer } from '../delivery.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asNumber, asString } from '../json-members.ts';
import type { AccountDeps } from './account-deps.ts';
import { type AccountFault, addFault, readFault, readWhom } from './account-faults.ts';
import { accountRoot, accountsYaml } from './addresses.ts';
import { decideDevice } from './device.ts';
import { expireTokens, isMeant, type LedgerEvent, revokeLogins, type Whom } from './ledger.ts';
import { people } from './people.ts';
import { serviceAccountFile } from './service-account.ts';
import { type AccountName, accountNames } from './services.ts';

/** One login, without its tokens. */
export interface LoginReport {
  provider: AccountName;
  person: string;
  email: string;
  refreshes: number;
  /** How often a refresh token that was already spent came again. */
  reuses: number;
  /** Access tokens given out. */
  issued: number;
  revoked: boolean;
}

export interface SandboxAccounts {
  /** Oldest first. */
  readonly logins: readonly LoginReport[];
  /** What happened at the token endpoints, oldest first. */
  readonly events: readonly LedgerEvent[];
  /** How often tokens were renewed. */
  refreshes(whom?: Whom): number;
  /** How often a spent refresh token came again. */
  reuses(whom?: Whom): number;
  /** Access tokens so far are no longer good; gives how many they were. */
  expire(whom?: Whom): number;
  /** Logins so far are no longer good; gives how many they were. */
  revoke(whom?: Whom): number;
  fault(fault: AccountFault): void;
  clearFaults(): void;
  /** Seconds that access tokens from now on are good for. */
  setLifetime(seconds: number, provider?: AccountName): void;
  /** A person agrees (or not) to the device that shows the code. False where no device waits with it. */
  decideDevice(userCode: string, person: string, answer?: 'allow' | 'deny'): boolean;
  /** A service-account key file that Vertex here takes. */
  serviceAccount(): JsonObject;
}

/** `current` gives the world in force: a reset makes a new one. */
export function sandboxAccounts(current: () => AccountDeps, url: string): SandboxAccounts {
  const sum = (whom: Whom, field: 'refreshes' | 'reuses'): number =>
    current()
      .ledger.logins.filter(({ provider, person }) => isMeant(whom, provider, person.id))
      .reduce((total, login) => total + login[field], 0);
  return {
    get logins() {
      return loginReports(current());
    },
    get events() {
      return current().ledger.events;
    },
    refreshes: (whom = {}) => sum(whom, 'refreshes'),
    reuses: (whom = {}) => sum(whom, 'reuses'),
    expire: (whom = {}) => expireTokens(current().ledger, whom),
    revoke: (whom = {}) => revokeLogins(current().ledger, whom),
    fault: (fault) => addFault(current().faults, fault),
    clearFaults: () => {
      current().faults.length = 0;
    },
    setLifetime: (seconds, provider) => setLifetime(current(), seconds, provider),
    decideDevice: (userCode, person, answer = 'allow') =>
      decideDevice(current(), userCode, person, answer) !== undefined,
    serviceAccount: () => serviceAccountFile(accountRoot(url, 'vertex'), current()),
  };
}

function loginReports({ ledger }: AccountDeps): LoginReport[] {
  return ledger.logins.map(({ provider, person, refreshes, reuses, issued, revoked }) => ({
    provider,
    person: person.id,
    email: person.email,
    refreshes,
    reuses,
    issued,
    revoked,
  }));
}

function setLifetime({ ledger }: AccountDeps, seconds: number, provider: AccountName | undefined): void {
  for (const name of provider === undefined ? accountNames : [provider]) ledger.lifetimes.set(name, seconds);
}

/** The same over HTTP, below `/sandbox/accounts`. */
export async function controlAccounts(request: Request, url: URL, deps: AccountDeps): Promise<Response> {
  const { pathname } = url;
  switch (`${request.method} ${pathname.slice('/sandbox/accounts'.length)}`) {
    case 'GET .yaml':
      return new Response(accountsYaml(url.origin), {
        headers: { 'content-type': 'text/yaml; charset=utf-8' },
      });
    case 'GET ':
      return jsonAnswer({
        people: people.map(({ id, name, email, about }) => ({ id, name, email, about })),
        logins: loginReports(deps),
        events: deps.ledger.events,
        faults: deps.faults.length,
      });
    case 'GET /service-account.json':
      return jsonAnswer(serviceAccountFile(accountRoot(url.origin, 'vertex'), deps));
    case 'DELETE /faults':
      deps.faults.length = 0;
      return jsonAnswer({ faults: 0 });
    case 'POST /faults':
    case 'POST /expire':
    case 'POST /revoke':
    case 'POST /lifetime':
    case 'POST /devices':
      return command(pathname.slice('/sandbox/accounts/'.length), await request.text(), deps);
    default:
      return refused(`The sandbox has no ${request.method} ${pathname}.`, 404);
  }
}

/** An empty body is about everybody. */
function command(name: string, text: string, deps: AccountDeps): Response {
  const body = text === '' ? {} : parseJson(text);
  if (name === 'faults') {
    const fault = readFault(body);
    if ('problem' in fault) return refused(fault.problem);
    addFault(deps.faults, fault);
    return jsonAnswer({ faults: deps.faults.length });
  }
  const whom = readWhom(body);
  if ('problem' in whom) return refused(whom.problem);
  if (name === 'expire') return jsonAnswer({ expired: expireTokens(deps.ledger, whom) });
  if (name === 'revoke') return jsonAnswer({ revoked: revokeLogins(deps.ledger, whom) });
  const fields = isObject(body) ? body : {};
  if (name === 'lifetime') {
    const seconds = asNumber(fields.seconds);
    if (seconds === undefined || seconds <= 0) return refused(`'seconds' must be a number above 0.`);
    setLifetime(deps, seconds, whom.provider);
    return jsonAnswer({ seconds });
  }
  const userCode = asString(fields.user_code) ?? '';
  const device = decideDevice(
    deps,
    userCode,
    asString(fields.person) ?? null,
    asString(fields.answer) ?? null,
  );
  return device === undefined
    ? refused(`No device waits with this 'user_code', or 'person' is none of the sandbox's.`)
    : jsonAnswer({ provider: device.provider, decision: device.decision.kind });
}

function refused(message: string, status = 400): Response {
  return jsonAnswer({ error: { message } }, status);
}
