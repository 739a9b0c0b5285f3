import { exposureProblem } from '../config/exposure.ts';
import { type ConfigProblem, type ConfigResult, type ConfigWarning, loadConfig } from '../config/load.ts';
import { configLocation } from '../config/location.ts';
import { dottedPath, withShortTexts } from '../config/problem.ts';
import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { counted } from '../ground/counted.ts';
import { shortened } from '../ground/shortened.ts';
import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { keyTable, listedKey } from './config-keys.ts';
import { Failure } from './failure.ts';
import type { AskedServices } from './found-models.ts';
import { problemText } from './problem-text.ts';
import type { Output, Shell } from './shell.ts';
import type { authDirFault, StartFault } from './start-checks.ts';

export const command = defineCommand('config check', {
  summary: 'Check a config file without starting: every problem with its line, and what to write instead',
  options: {
    config: configOption,
    json: { type: 'boolean', meaning: 'Print JSON: ok, file, problems, warnings, keys' },
  },
  async run({ values }, { out, env }) {
    const file = configLocation(values.config, env).file;
    const result = await loadConfig(file, { env });
    const { authDirFault } = await import('./start-checks.ts');
    const stopping = await problemsOf(file, result, env);
    const place = result.ok ? await authDirFault(result.config['auth-dir']) : undefined;
    const lasting = place?.isUnusable ? [await placed(file, place)] : [];
    const problems = [...stopping, ...lasting].map(shown);
    const asked = result.ok ? await askedServices(result.config) : undefined;
    const services = asked?.outcomes ?? [];
    const warnings = result.ok
      ? [
          ...result.warnings,
          ...(await startWarnings(file, result.config, place)),
          ...(place?.isUnusable ? [] : await accountWarnings(result.config)),
          ...(await clusterWarnings(file, result.config)),
          ...serviceWarnings(file, services),
          ...(await targetWarnings(file, result.config, asked?.credentials ?? [])),
        ].map(shown)
      : [];
    const keys = result.ok ? result.keys : [];
    const ok = problems.length === 0;
    if (values.json) {
      out.write(
        `${JSON.stringify({ ok, file: shortened(file), problems, warnings, keys: keys.map(listedKey) })}\n`,
      );
    } else {
      for (const problem of problems) out.write(`${out.style('red', 'problem:')} ${problemText(problem)}\n`);
      out.write(keyTable(keys, out));
      // Entries of the table are not repeated.
      const ignored = new Set(keys.flatMap(({ state, key }) => (state === 'ignored' ? [key] : [])));
      for (const warning of warnings.filter(({ key, hint }) => hint !== undefined || !ignored.has(key)))
        out.write(`${out.style('yellow', 'warning:')} ${problemText(warning)}\n`);
      for (const { models, sentence } of services) if (models > 0) out.write(`${sentence}.\n`);
      const counts = { stopping: stopping.length, lasting: lasting.length, warnings: warnings.length };
      out.write(verdict(shortened(file), counts, out));
    }
    return ok ? 'ok' : 'config';
  },
});

/** With as much of the file's value, and of its name, as fits into a sentence. */
const shown = <P extends ConfigProblem | ConfigWarning>(problem: P): P => ({
  ...withShortTexts(problem),
  file: shortened(problem.file),
});

/** Files in `auth-dir` that are no accounts, and accounts that need a new login: the server starts, without them. */
async function accountWarnings(config: Config): Promise<ConfigWarning[]> {
  if (config.cluster !== undefined) return [];
  const { openStore } = await import('./auth/accounts.ts');
  const { signInCommand } = await import('../accounts/sign-in-command.ts');
  const nowhere = { line: 0, column: 0 };
  try {
    const { accounts, problems } = await (await openStore(config)).list();
    return [
      ...problems.map(({ file, key, message }) => ({ file, ...nowhere, key: key ?? '', message })),
      ...accounts.flatMap(({ file, kind, facts, login }) =>
        login.kind === 'good'
          ? []
          : [
              {
                file,
                ...nowhere,
                key: '',
                message: login.reason,
                hint: `sign in again: ${signInCommand({ kind, facts })}`,
              },
            ],
      ),
    ];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [{ file: config['auth-dir'], ...nowhere, key: '', message: error.message }];
  }
}

/** Engines of a cluster that cannot be used, and what is wrong with the accounts in it: the server starts all the same. */
async function clusterWarnings(file: string, config: Config): Promise<ConfigWarning[]> {
  const { cluster } = config;
  if (cluster === undefined) return [];
  const { clusterFindings } = await import('./doctor/cluster.ts');
  const findings = await clusterFindings(config, cluster);
  return findings
    .filter(({ state }) => state === 'warn' || state === 'fail')
    .map(({ id, message, fix }) => ({
      ...{ file, line: 0, column: 0, message: message.replace(/\.$/, '') },
      key: id.startsWith('cluster.') ? id : '',
      ...(fix !== undefined && { hint: fix }),
    }));
}

/** Models in `model-routes` that no credential serves: the server starts without them. */
async function targetWarnings(
  file: string,
  config: Config,
  keys: readonly Credential[],
): Promise<ConfigWarning[]> {
  const routes = config['model-routes'];
  if (Object.keys(routes).length === 0) return [];
  const { createCatalog } = await import('../credentials/catalog.ts');
  const { withModelRoutes } = await import('../credentials/model-routes.ts');
  const { readConfigText } = await import('../config/config-text.ts');
  const { parseYaml } = await import('../config/yaml-document.ts');
  const yaml = parseYaml(await readConfigText(file), file);
  const catalog = createCatalog(
    [...keys, ...(await accountCredentials(config))],
    config['force-model-prefix'],
  );
  return (withModelRoutes(catalog, routes).missingTargets?.() ?? []).map(
    ({ route, name, at, suggestion }) => {
      const path = ['model-routes', route, ...at];
      const place = yaml.ok ? yaml.document.position(path, 'value') : { line: 0, column: 0 };
      return {
        file,
        ...place,
        key: dottedPath(path),
        message: `no credential serves "${name}"`,
        ...(suggestion.length > 0 && { hint: `did you mean ${suggestion.join(' or ')}?` }),
      };
    },
  );
}

/** What the accounts of `auth-dir` serve; none where it cannot be read, which is reported elsewhere. */
async function accountCredentials(config: Config): Promise<Credential[]> {
  const { openStore } = await import('./auth/accounts.ts');
  const { listedCredentials } = await import('./auth/account-credentials.ts');
  try {
    return listedCredentials((await (await openStore(config)).list()).accounts, config);
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

async function askedServices(config: Config): Promise<AskedServices> {
  const { credentialsFromConfig } = await import('../credentials/from-config.ts');
  const { askServices } = await import('./found-models.ts');
  return askServices(credentialsFromConfig(config), config);
}

/** Services that name no models and list none: the server starts, without them. */
function serviceWarnings(file: string, services: AskedServices['outcomes']): ConfigWarning[] {
  return services
    .filter(({ models }) => models === 0)
    .map(({ sentence }) => ({
      file,
      line: 0,
      column: 0,
      key: 'openai-compatibility',
      message: `${sentence}.`,
      hint: 'name its models under "models", or start the service and check again',
    }));
}

/** What keeps the server from starting with this file. */
async function problemsOf(file: string, result: ConfigResult, env: Shell['env']): Promise<ConfigProblem[]> {
  if (!result.ok) return result.problems;
  const { logFault, tlsFault } = await import('./start-checks.ts');
  const { config } = result;
  const exposure = exposureProblem(config);
  const faults = [tlsFault(config.tls), await logFault(config, env)].filter((fault) => fault !== undefined);
  return [
    ...(exposure === undefined ? [] : [exposure]),
    ...(await Promise.all(faults.map((fault) => placed(file, fault)))),
  ];
}

/** What it would start with, and do badly. */
async function startWarnings(
  file: string,
  config: Config,
  place: Awaited<ReturnType<typeof authDirFault>>,
): Promise<ConfigWarning[]> {
  const { credentialFault, hostFault, providerTlsFaults } = await import('./start-checks.ts');
  const faults = [
    await hostFault(config.host),
    place?.isUnusable ? undefined : place,
    await credentialFault(config),
    ...providerTlsFaults(config.providers),
  ].filter((fault) => fault !== undefined);
  return Promise.all(faults.map((fault) => placed(file, fault)));
}

/** With the line of its key in the file. */
async function placed(file: string, { key, message, hint }: StartFault): Promise<ConfigProblem> {
  const { readConfigText } = await import('../config/config-text.ts');
  const { parseYaml } = await import('../config/yaml-document.ts');
  const yaml = parseYaml(await readConfigText(file), file);
  const place = yaml.ok && key.length > 0 ? yaml.document.position(key, 'value') : { line: 0, column: 0 };
  return { file, ...place, key: dottedPath(key), message, hint };
}

interface Counts {
  /** Problems with which the server does not start, and those with which it does. */
  stopping: number;
  lasting: number;
  warnings: number;
}

function verdict(file: string, { stopping, lasting, warnings }: Counts, { style }: Output): string {
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (stopping + lasting === 0) return `${style('green', '✓')} ${file} is fine${warned}.\n`;
  const outcome =
    stopping > 0 ? 'The server does not start on it.' : 'The server starts on it, and keeps nothing.';
  return `${style('red', '✗')} ${file}: ${counted(stopping + lasting, 'problem')}${warned}. ${outcome}\n`;
}
