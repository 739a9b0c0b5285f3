/** Puts a plan into the config and among the accounts; or, in a dry run, finds out what would come of it and writes nothing. */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { AccountStore } from '../accounts/account-store.ts';
import { makePrivateDirectory, writeAtomically } from '../accounts/atomic-write.ts';
import { readConfigText } from '../config/config-text.ts';
import { variablesFor } from '../config/env-file.ts';
import { type Environment, expandEnvironment } from '../config/environment.ts';
import { type ConfigProblem, parseConfigYielding } from '../config/load.ts';
import type { ConfigFile } from '../config-file/config-file.ts';
import { editedYielding } from '../config-file/edit-text.ts';
import { errorCode } from '../ground/error-code.ts';
import { copyAccounts } from './copy-accounts.ts';
import { type Carried, merged } from './merge.ts';
import { emptyPlan, type ImportPlan, type LeftOut } from './plan.ts';
import { type SecretPlace, withVariables, writtenSecrets } from './written-secrets.ts';

export interface ImportDeps {
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
  /** Opened only where there are accounts to look for; nothing is written by opening it. */
  store: () => Promise<AccountStore>;
}

export interface ImportReport {
  carried: Carried[];
  left: LeftOut[];
  /** Variables that the config names and that are not set yet. */
  unset: string[];
  /** The `.env` file, where keys went into it. */
  envFile: string | undefined;
  changed: boolean;
}

export type Applied =
  | { ok: true; report: ImportReport }
  | { ok: false; sentence: string; problems?: readonly ConfigProblem[] };

const newFile = '# Configuration of cli-proxy-api. Every key: docs/configuration.md\n';

export async function apply(plan: ImportPlan, deps: ImportDeps): Promise<Applied> {
  const settled = await settle(plan, deps);
  if (!settled.ok) return settled;
  const { fitting, carried, left, unset, added, text, before, whole } = settled;
  const changesConfig = text !== before;
  const envPath = join(dirname(resolve(deps.file)), '.env');
  if (!deps.dryRun && changesConfig) {
    const failed = await write(fitting, deps, { envPath, added, text: whole ? text : undefined });
    if (failed !== undefined) return { ok: false, sentence: failed };
  }
  const accounts = await copyAccounts(plan, deps);
  if (!accounts.ok) return accounts;
  return {
    ok: true,
    report: {
      carried: [...carried, ...accounts.carried],
      left: once([...plan.left, ...left, ...accounts.left]),
      unset: [...unset],
      envFile: added.size > 0 ? envPath : undefined,
      changed: changesConfig || accounts.carried.some(({ state }) => state === 'new'),
    },
  };
}

/** Several deployments may lack the same. */
function once(rows: readonly LeftOut[]): LeftOut[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
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
  /** The text is to be written as it is. */
  whole?: true;
}

/** The config as it would be. What the gateway would not load with is left out, one by one. */
async function settle(
  plan: ImportPlan,
  deps: ImportDeps,
): Promise<Settled | Extract<Applied, { ok: false }>> {
  const { file, exists, env } = deps;
  const variables = await variablesFor(file, env);
  let before = '';
  try {
    if (exists) before = await readConfigText(file);
  } catch {
    return { ok: false, sentence: `${file} cannot be read` };
  }
  const attempt = async (tried: ImportPlan) => {
    const secrets = writtenSecrets(deps.secrets, variables);
    let result = { carried: [] as Carried[], left: [] as LeftOut[] };
    const edited = await editedYielding(
      before,
      (contents) => {
        const { contents: next, ...rest } = merged(contents, tried, secrets);
        result = rest;
        return next;
      },
      (written) => {
        const expansion = expandEnvironment(written, variables);
        return expansion.ok ? expansion.text : written;
      },
    );
    if (!edited.ok) return { ok: false, problems: undefined } as const;
    const loaded = await parseConfigYielding(edited.text, {
      file,
      env,
      variables: { ...variables, ...Object.fromEntries(secrets.added) },
    });
    if (!loaded.ok) return { ok: false, problems: loaded.problems } as const;
    const unset = new Set([
      ...secrets.unset,
      ...tried.variables.filter((name) => !variables[name] && edited.text.includes(`\${${name}`)),
    ]);
    return { ok: true, ...result, text: edited.text, added: secrets.added, unset } as const;
  };
  const asItIs = exists ? undefined : await settledWhole(plan, deps, variables);
  if (asItIs !== undefined) return asItIs;
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
  let fitting = { ...emptyPlan(), variables: plan.variables };
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

/** A config of our own format, comments and all, as the first config; undefined where there is none that loads. */
async function settledWhole(
  plan: ImportPlan,
  { file, env, secrets: place }: ImportDeps,
  variables: Environment,
): Promise<Settled | undefined> {
  if (plan.whole === undefined) return undefined;
  const { text, change } = plan.whole;
  const unfit = new Map<string, string>();
  // What the gateway would not load with is taken out; each time there is less that could be wrong.
  for (let round = 0; round < 5; round++) {
    const secrets = writtenSecrets(place, variables);
    const names = new Set(unfit.keys());
    const edited = await editedYielding(
      text,
      (contents) => change(contents, secrets.hidden, names),
      secrets.expanded,
    );
    // Where an alias was written out, so was the key that it stood for.
    const shows = (value: string) => edited.ok && edited.text.includes(value);
    if (!edited.ok || [...secrets.added.values()].some(shows)) return undefined;
    const loaded = await parseConfigYielding(edited.text, {
      file,
      env,
      variables: { ...variables, ...Object.fromEntries(secrets.added) },
    });
    if (!loaded.ok) {
      for (const { key, message } of loaded.problems) unfit.set(key, message);
      continue;
    }
    const fitting = {
      ...plan,
      settings: plan.settings.filter(({ path }) => !names.has(path.join('.'))),
    };
    const { carried } = merged({}, fitting, writtenSecrets('file', variables));
    const left = [...unfit].map(([title, reason]) => ({ title, reason }));
    const { added, unset } = secrets;
    return { ok: true, fitting, carried, left, unset, added, before: '', text: edited.text, whole: true };
  }
  return undefined;
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
  { file, exists, env, secrets: place, configFile }: ImportDeps,
  { envPath, added, text }: { envPath: string; added: ReadonlyMap<string, string>; text: string | undefined },
): Promise<string | undefined> {
  const envBefore = await readFile(envPath, 'utf8').catch(() => undefined);
  try {
    await makePrivateDirectory(dirname(resolve(file)));
    if (added.size > 0) await writeAtomically(envPath, withVariables(envBefore ?? '', added));
    if (!exists) await writeAtomically(file, newFile);
  } catch (error) {
    const code = errorCode(error) ?? '';
    return `${dirname(resolve(file))} cannot be written to (${code})`;
  }
  const variables = await variablesFor(file, env);
  const author = { who: 'import', what: 'another program was imported' };
  const kept = await configFile();
  const change =
    text === undefined
      ? await kept.edit(
          (contents) => merged(contents, plan, writtenSecrets(place, variables)).contents,
          author,
        )
      : await kept.replace(text, author);
  if (change.ok) return undefined;
  // Nothing stays of what was made for it.
  if (added.size > 0)
    await (envBefore === undefined ? rm(envPath, { force: true }) : writeAtomically(envPath, envBefore));
  if (!exists) await rm(file, { force: true });
  return 'sentence' in change ? change.sentence : `${file} was changed at the same time`;
}
