/** Puts a plan into the config and among the accounts; or, in a dry run, finds out what would come of it and writes nothing. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sameAccount } from '../accounts/account-name.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import { makePrivateDirectory, writeAtomically } from '../accounts/atomic-write.ts';
import { readConfigText } from '../config/config-text.ts';
import { variablesFor } from '../config/env-file.ts';
import { type Environment, expandEnvironment } from '../config/environment.ts';
import { type ConfigProblem, parseConfigInTurns } from '../config/load.ts';
import type { ConfigFile } from '../config-file/config-file.ts';
import { editedInTurns } from '../config-file/edit-text.ts';
import { accountProviders } from '../providers/registry.ts';
import { type Carried, merged } from './merge.ts';
import { emptyPlan, type ImportedAccount, type ImportPlan, type LeftOut } from './plan.ts';
import { type SecretPlace, withVariables, writtenSecrets } from './written-secrets.ts';

export interface ImportWorld {
  /** The config file, which need not exist yet. */
  file: string;
  exists: boolean;
  env: Environment;
  secrets: SecretPlace;
  dryRun: boolean;
  /** Rotating logins are copied, too. */
  takeOver: boolean;
  /** Opened only where something is written. */
  configFile: () => Promise<ConfigFile>;
  /** Opened only where there are accounts to write. */
  store: () => Promise<AccountStore>;
}

export interface ImportReport {
  carried: Carried[];
  left: LeftOut[];
  /** Variables that the config names and nobody has set yet. */
  unset: string[];
  /** The `.env` file, where keys went into it. */
  envFile: string | undefined;
  changed: boolean;
}

export type Applied =
  | { ok: true; report: ImportReport }
  | { ok: false; sentence: string; problems?: readonly ConfigProblem[] };

const newFile = '# Configuration of cli-proxy-api. Every key: docs/configuration.md\n';

export async function apply(plan: ImportPlan, world: ImportWorld): Promise<Applied> {
  const settled = await settle(plan, world);
  if (!settled.ok) return settled;
  const { fitting, carried, left, unset, added, text, before } = settled;
  const changesConfig = text !== before;
  const envPath = join(dirname(resolve(world.file)), '.env');
  if (!world.dryRun && changesConfig) {
    const failed = await write(fitting, world, envPath, added);
    if (failed !== undefined) return { ok: false, sentence: failed };
  }
  const accounts = await copyAccounts(plan.accounts, world);
  if (!accounts.ok) return accounts;
  return {
    ok: true,
    report: {
      carried: [...carried, ...accounts.carried],
      left: [...plan.left, ...left, ...accounts.left],
      unset: [...unset],
      envFile: added.size > 0 ? envPath : undefined,
      changed: changesConfig || accounts.carried.some(({ state }) => state === 'new'),
    },
  };
}

interface Settled {
  ok: true;
  fitting: ImportPlan;
  carried: Carried[];
  left: LeftOut[];
  unset: ReadonlySet<string>;
  added: ReadonlyMap<string, string>;
  before: string;
  text: string;
}

/** The config as it would be. What the gateway would not load with is left out, one by one. */
async function settle(
  plan: ImportPlan,
  world: ImportWorld,
): Promise<Settled | Extract<Applied, { ok: false }>> {
  const { file, exists, env } = world;
  const variables = await variablesFor(file, env);
  let before = '';
  try {
    if (exists) before = await readConfigText(file);
  } catch {
    return { ok: false, sentence: `${file} cannot be read` };
  }
  const attempt = async (tried: ImportPlan) => {
    const secrets = writtenSecrets(world.secrets, variables);
    let result = { carried: [] as Carried[], left: [] as LeftOut[] };
    const edited = await editedInTurns(
      before,
      (said) => {
        const { said: next, ...rest } = merged(said, tried, secrets);
        result = rest;
        return next;
      },
      (written) => {
        const expansion = expandEnvironment(written, variables);
        return expansion.ok ? expansion.text : written;
      },
    );
    if (!edited.ok) return { ok: false, problems: undefined } as const;
    const loaded = await parseConfigInTurns(edited.text, {
      file,
      env,
      variables: { ...variables, ...Object.fromEntries(secrets.added) },
    });
    if (!loaded.ok) return { ok: false, problems: loaded.problems } as const;
    return { ok: true, ...result, text: edited.text, added: secrets.added, unset: secrets.unset } as const;
  };
  const whole = await attempt(plan);
  if (whole.ok) return { ...whole, before, fitting: plan };
  const bare = await attempt(emptyPlan());
  if (!bare.ok)
    return {
      ok: false,
      sentence: `${file} does not load as it is; nothing was changed`,
      ...(bare.problems && { problems: bare.problems }),
    };
  const left: LeftOut[] = [];
  let fitting = emptyPlan();
  for (const [title, part] of partsOf(plan)) {
    const next = joined(fitting, part);
    const tried = await attempt(next);
    if (tried.ok) fitting = next;
    else left.push({ title, reason: tried.problems?.[0]?.message ?? 'the config has no place for it' });
  }
  const rest = await attempt(fitting);
  if (!rest.ok) return { ok: false, sentence: `${file} has no place for what would be carried over` };
  return { ...rest, left: [...rest.left, ...left], before, fitting };
}

/** Each thing of a plan as a plan of its own. */
function partsOf(plan: ImportPlan): [title: string, part: Partial<ImportPlan>][] {
  return [
    ...plan.credentials.map((one): [string, Partial<ImportPlan>] => [one.title, { credentials: [one] }]),
    ...plan.clientKeys.map((one): [string, Partial<ImportPlan>] => [one.title, { clientKeys: [one] }]),
    ...Object.entries(plan.routes).map(([name, route]): [string, Partial<ImportPlan>] => [
      `model ${name}`,
      { routes: { [name]: route } },
    ]),
    ...plan.settings.map((one): [string, Partial<ImportPlan>] => [one.title, { settings: [one] }]),
  ];
}

function joined(plan: ImportPlan, part: Partial<ImportPlan>): ImportPlan {
  return {
    ...plan,
    credentials: [...plan.credentials, ...(part.credentials ?? [])],
    clientKeys: [...plan.clientKeys, ...(part.clientKeys ?? [])],
    routes: { ...plan.routes, ...part.routes },
    settings: [...plan.settings, ...(part.settings ?? [])],
  };
}

/** Undefined when it is done; else why not, with the `.env` file as it was. */
async function write(
  plan: ImportPlan,
  { file, exists, env, secrets: place, configFile }: ImportWorld,
  envPath: string,
  added: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const envBefore = await readFile(envPath, 'utf8').catch(() => undefined);
  try {
    await makePrivateDirectory(dirname(resolve(file)));
    if (added.size > 0) await writeAtomically(envPath, withVariables(envBefore ?? '', added));
    if (!exists) await writeAtomically(file, newFile);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return `${dirname(resolve(file))} cannot be written to (${code})`;
  }
  const variables = await variablesFor(file, env);
  const change = await (await configFile()).edit(
    (said) => merged(said, plan, writtenSecrets(place, variables)).said,
    { who: 'import', what: 'another program was imported' },
  );
  if (change.ok) return undefined;
  if (added.size > 0 && envBefore !== undefined) await writeAtomically(envPath, envBefore);
  return 'sentence' in change ? change.sentence : `${file} was changed by somebody else at this moment`;
}

type Copied = { ok: true; carried: Carried[]; left: LeftOut[] } | { ok: false; sentence: string };

async function copyAccounts(
  accounts: readonly ImportedAccount[],
  { takeOver, dryRun, store: open }: ImportWorld,
): Promise<Copied> {
  const carried: Carried[] = [];
  const left: LeftOut[] = [];
  for (const { kind, title, tokens, facts, rotates } of accounts) {
    if (rotates && !takeOver) {
      left.push({
        title,
        reason: `its refresh token works once: sign in beside it with "cli-proxy-api auth ${kind}"; --take-over copies it, and whoever renews it first signs the other program out`,
      });
      continue;
    }
    if (dryRun) {
      carried.push({ title, to: 'auth-dir', state: 'new' });
      continue;
    }
    const store = await open();
    const { identity } = accountProviders[kind];
    const known = (await store.list()).accounts;
    const there =
      sameAccount(known, kind, facts, identity) ??
      known.find((one) => one.kind === kind && one.tokens.refreshToken === tokens.refreshToken);
    if (there !== undefined) {
      carried.push({ title, to: there.id, state: 'there' });
      continue;
    }
    const saved = await store.saveSignIn({ kind, tokens, facts, identity });
    if (!saved.ok) return { ok: false, sentence: saved.problem.message };
    carried.push({ title, to: saved.account.id, state: 'new' });
  }
  return { ok: true, carried, left };
}
