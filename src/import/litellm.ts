/**
 * LiteLLM's proxy: deployments of `model_list` become credentials, fallbacks and aliases model routes, the master key a client key.
 * Source: docs.litellm.ai/docs/proxy/config_settings, /docs/proxy/reliability, /docs/providers.
 */

import type { Json, JsonObject } from '../protocols/json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from '../protocols/json-members.ts';
import { serviceNamed } from '../providers/registry.ts';
import { baseUrlOf, hostOf, type LiteLlmText, nameOf, providers } from './litellm-providers.ts';
import {
  emptyPlan,
  fileSource,
  type ImportedCredential,
  type ImportedModel,
  type ImportPlan,
} from './plan.ts';
import { readYaml } from './source-text.ts';

export const litellm = fileSource({
  name: 'litellm',
  title: 'LiteLLM proxy',
  usualPath: () => undefined,
  fileName: 'config.yaml',
  open: readYaml,
  plan(content, path) {
    if (!Array.isArray(content.model_list))
      return { ok: false, sentence: `${path} has no model_list: it is no configuration of LiteLLM` };
    return { ok: true, plan: planOf(content) };
  },
});

const unusedSettings: Readonly<Record<string, string>> = {
  request_timeout: 'times are limited by parts here: "timeouts"',
  timeout: 'times are limited by parts here: "timeouts"',
  content_policy_fallbacks: 'a request that a provider rejects for its content is not retried elsewhere',
  drop_params: 'what a provider has no place for is dropped and reported anyway: "translation"',
  cache: 'answers are not cached',
  callbacks: 'usage, metrics and traces are built in: docs/monitoring.md',
  success_callback: 'usage, metrics and traces are built in: docs/monitoring.md',
  failure_callback: 'usage, metrics and traces are built in: docs/monitoring.md',
  allowed_fails: 'cooldowns after failures are "cooldown"',
  cooldown_time: 'cooldowns after failures are "cooldown"',
  database_url:
    'keys of its database are stored as hashes: write them as api-keys, "sha256:" and the 64 digits, or issue new ones',
  store_model_in_db: 'models of its database are not read',
};

/** What is used of its settings. */
const usedSettings = new Set([
  ...['fallbacks', 'default_fallbacks', 'context_window_fallbacks', 'num_retries', 'model_group_alias'],
  ...['routing_strategy', 'master_key', 'environment_variables', 'set_verbose'],
]);

const strategies: Readonly<Record<string, string>> = {
  'simple-shuffle': 'weighted-round-robin',
  'least-busy': 'least-busy',
};

function planOf(content: JsonObject): ImportPlan {
  const plan = emptyPlan();
  const variables = asObject(content.environment_variables) ?? {};
  const secretOf = (written: string): LiteLlmText => {
    const name = /^os\.environ\/(\w+)$/.exec(written.trim())?.[1];
    if (name === undefined) return { value: written.trim() };
    const value = asString(variables[name]);
    return value === undefined || value.startsWith('os.environ/') ? { variable: name } : { value };
  };
  const deployments = asObjects(content.model_list);
  const routed = addDeployments(deployments, plan, secretOf);

  const general = asObject(content.general_settings) ?? {};
  const settings = asObject(content.litellm_settings) ?? {};
  const router = asObject(content.router_settings) ?? {};
  const master = asString(general.master_key);
  if (master)
    plan.clientKeys.push({ title: 'master_key', key: secretOf(master), fields: { name: 'litellm' } });
  addRoutes({ ...settings, ...router }, deployments, routed, plan);
  addSettings({ ...settings, ...router }, plan);
  for (const [group, values] of Object.entries({
    general_settings: general,
    litellm_settings: settings,
    router_settings: router,
  }))
    for (const name of Object.keys(values)) {
      if (usedSettings.has(name)) continue;
      plan.left.push({
        title: `${group}.${name}`,
        reason: unusedSettings[name] ?? 'there is no such setting',
      });
    }
  for (const name of Object.keys(content))
    if (
      ![
        'model_list',
        'general_settings',
        'litellm_settings',
        'router_settings',
        'environment_variables',
      ].includes(name)
    )
      plan.left.push({ title: name, reason: 'there is no such setting' });
  return plan;
}

/** Names that clients ask for, with their models: where a credential cannot have the name itself. */
type Routed = ReadonlyMap<string, string>;

/**
 * Deployments with the same provider, address and key are one credential with several models. One that serves all that the
 * provider has lists none: names of single models of it are routes.
 */
function addDeployments(
  deployments: readonly JsonObject[],
  plan: ImportPlan,
  secretOf: (written: string) => LiteLlmText,
): Routed {
  const together = new Map<
    string,
    { credential: ImportedCredential; models: ImportedModel[]; prefixes: Set<string>; all: boolean }
  >();
  const names = new Set<string>();
  for (const deployment of deployments) {
    const alias = asString(deployment.model_name) ?? '';
    const params = asObject(deployment.litellm_params) ?? {};
    const read = credentialOf(alias, params, plan, secretOf);
    if (read === undefined) continue;
    const { credential, model } = read;
    addPrice(model?.name, alias, { ...params, ...asObject(deployment.model_info) }, plan);
    const id = JSON.stringify(credential);
    let found = together.get(id);
    if (found === undefined) {
      const models: ImportedModel[] = [];
      const name = freeName(credential.fields.name, names);
      const usual =
        name === credential.fields.name ? undefined : serviceNamed(String(credential.fields.name))?.baseUrl;
      const fields = {
        ...credential.fields,
        ...(name !== undefined && { name }),
        ...(usual !== undefined && credential.fields['base-url'] === undefined && { 'base-url': usual }),
      };
      found = { credential: { ...credential, fields, models }, models, prefixes: new Set(), all: false };
      together.set(id, found);
    }
    if (model !== undefined) found.models.push(model);
    else {
      found.all = true;
      addPattern(alias, found.prefixes, plan);
    }
  }
  const routed = new Map<string, string>();
  for (const { credential, models, prefixes, all } of together.values()) {
    const [prefix] = prefixes;
    const fields = { ...credential.fields, ...(prefix !== undefined && { prefix }) };
    plan.credentials.push({ ...credential, fields, models: all ? [] : models });
    if (all) for (const { name, alias = name } of models) if (alias !== name) routed.set(alias, name);
  }
  return routed;
}

/** What a token costs there is what a million of them cost here. Other costs have no place. */
function addPrice(model: string | undefined, alias: string, said: JsonObject, plan: ImportPlan): void {
  const costs = Object.keys(said).filter((name) => isCost(name) && said[name] !== null);
  if (costs.length === 0) return;
  const price: Record<string, number> = {};
  for (const [name, place] of Object.entries(pricedTokens)) {
    const cost = asNumber(said[name]);
    // Seven hundredths of a cent are 7e-07 there: no digit of the product is meant beyond the twelfth.
    if (cost !== undefined && cost >= 0) price[place] = Number((cost * 1e6).toPrecision(12));
  }
  const path = ['prices', model ?? ''];
  if (model === undefined || price.input === undefined || price.output === undefined) {
    plan.left.push({
      title: `costs of ${alias}`,
      reason: 'what models cost is "prices" here, for input and output',
    });
    return;
  }
  const lost = costs.filter((name) => !Object.hasOwn(pricedTokens, name));
  if (lost.length > 0)
    plan.left.push({ title: `${lost.join(', ')} of ${alias}`, reason: 'prices are those of tokens here' });
  if (!plan.settings.some((one) => one.path.join('.') === path.join('.')))
    plan.settings.push({ path, value: price, title: `costs of ${alias}` });
}

const isCost = (name: string): boolean => /(^|_)cost(_|$)/.test(name);

/** Costs of a token, with their fields in a price. Source: docs.litellm.ai/docs/proxy/custom_pricing. */
const pricedTokens: Readonly<Record<string, string>> = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cache-read',
  cache_creation_input_token_cost: 'cache-write',
};

/** `anthropic/*`: clients may write that before the names of its models. */
function addPattern(alias: string, prefixes: Set<string>, plan: ImportPlan): void {
  if (alias === '*') return;
  const [, prefix] = /^([^*/]+)\/\*$/.exec(alias) ?? [];
  if (prefix !== undefined && (prefixes.size === 0 || prefixes.has(prefix))) prefixes.add(prefix);
  else
    plan.left.push({
      title: `the name ${alias}`,
      reason: "clients use the provider's own model names",
    });
}

/** Two addresses or keys of one service are two entries. The first has the service's name. */
function freeName(name: unknown, taken: Set<string>): string | undefined {
  if (typeof name !== 'string') return undefined;
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${name}-${count}`;
    if (taken.has(free)) continue;
    taken.add(free);
    return free;
  }
}

function credentialOf(
  alias: string,
  params: JsonObject,
  plan: ImportPlan,
  secretOf: (written: string) => LiteLlmText,
): { credential: ImportedCredential; model: ImportedModel | undefined } | undefined {
  const written = asString(params.model) ?? '';
  const slash = written.indexOf('/');
  const named = asString(params.custom_llm_provider) ?? (slash < 0 ? 'openai' : written.slice(0, slash));
  const provider = Object.hasOwn(providers, named) ? providers[named] : undefined;
  const address = asString(params.api_base) ?? asString(params.base_url);
  const title = `model ${alias}`;
  const whyNot = (): string => {
    if (alias === '') return 'it has no model_name for clients';
    if (written === '') return 'it names no model: litellm_params.model';
    return named.startsWith('vertex')
      ? 'Vertex AI is signed in to with the key file of a service account: "cli-proxy-api auth vertex"'
      : `there is no provider "${named}" here`;
  };
  if (provider === undefined || alias === '' || written === '') {
    plan.left.push({
      title: alias === '' ? `a deployment of ${written || 'nothing'}` : title,
      reason: whyNot(),
    });
    return undefined;
  }
  const model = slash >= 0 && written.startsWith(`${named}/`) ? written.slice(slash + 1) : written;
  const protocol = model.startsWith('responses/') ? 'responses' : undefined;
  const list = provider.list ?? 'openai-compatibility';
  const version = asString(params.api_version);
  const order = asNumber(params.order);
  const weight = asNumber(params.weight);
  const parallel = wholeNumber(params.max_parallel_requests);
  for (const name of ['rpm', 'tpm'])
    if (params[name] !== undefined)
      plan.left.push({
        title: `${name} of ${alias}`,
        reason: 'credentials have "concurrency" and "budget"; requests a minute are limited for client keys',
      });
  for (const [name, value] of Object.entries(params))
    if (!usedParams.has(name) && !isCost(name) && value !== null && value !== false)
      plan.left.push({ title: `${name} of ${alias}`, reason: 'there is no such setting of a credential' });
  const headers = headersOf(params, secretOf, plan);
  const key = asString(params.api_key);
  const base = address === undefined ? undefined : baseUrlOf(address, named, secretOf, plan);
  return {
    credential: {
      list,
      title: `${named}${address === undefined ? '' : ` at ${hostOf(address)}`}`,
      fields: {
        ...(list === 'openai-compatibility' && { name: nameOf(provider, address) }),
        ...(base !== undefined && { 'base-url': base }),
        ...(list === 'openai-compatibility' &&
          base === undefined &&
          named === 'openai' && { 'base-url': 'https://api.openai.com/v1' }),
        ...(version !== undefined && named === 'azure' && { 'api-version': version }),
        ...(protocol !== undefined && list === 'openai-compatibility' && { protocol }),
        ...(headers !== undefined && { headers }),
        ...(order !== undefined && { priority: -order }),
        ...(weight !== undefined && Number.isInteger(weight) && { weight }),
        ...(parallel !== undefined && { concurrency: parallel }),
      },
      keys: key ? [secretOf(key)] : provider.variable === undefined ? [] : [{ variable: provider.variable }],
      models: [],
    },
    // A pattern is all that the provider lists.
    model: model.includes('*') ? undefined : { name: model.replace(/^responses\//, ''), alias },
  };
}

/** The fields of `litellm_params` that are used, or covered elsewhere. */
const usedParams = new Set([
  ...['model', 'custom_llm_provider', 'api_base', 'base_url', 'api_key', 'api_version', 'order', 'weight'],
  ...['rpm', 'tpm', 'max_parallel_requests', 'extra_headers', 'organization'],
]);

/** Numbers may be written as texts there. */
function wholeNumber(written: Json | undefined): number | undefined {
  const value = Number(asString(written) ?? asNumber(written));
  return Number.isInteger(value) && value >= 1 ? value : undefined;
}

function headersOf(
  { organization, extra_headers: extra }: JsonObject,
  secretOf: (written: string) => LiteLlmText,
  plan: ImportPlan,
): Record<string, string> | undefined {
  const written = {
    ...(organization !== undefined && { 'OpenAI-Organization': organization }),
    ...asObject(extra),
  };
  const headers = Object.entries(written).flatMap(([name, value]): [string, string][] => {
    if (typeof value !== 'string') return [];
    const read = secretOf(value);
    if ('value' in read) return [[name, read.value.replaceAll('${', () => '$${')]];
    plan.variables.push(read.variable);
    return [[name, `\${${read.variable}:-not-set}`]];
  });
  return headers.length === 0 ? undefined : Object.fromEntries(headers);
}

function addRoutes(
  settings: JsonObject,
  deployments: readonly JsonObject[],
  routed: Routed,
  plan: ImportPlan,
): void {
  const names = [...new Set(deployments.flatMap(({ model_name }) => asString(model_name) ?? []))];
  const served = new Set(plan.credentials.flatMap(({ models }) => models.map(({ alias }) => alias)));
  const routes = new Map<string, string[]>();
  const ownModels = (name: string): string[] => [
    ...[routed.get(name)].filter((model) => model !== undefined),
    ...(served.has(name) ? [name] : []),
  ];
  const add = (name: string, models: Json | undefined): void => {
    const route = routes.get(name) ?? ownModels(name);
    routes.set(name, [...new Set([...route, ...asArray(models).flatMap((one) => asString(one) ?? [])])]);
  };
  for (const list of [settings.fallbacks, settings.context_window_fallbacks])
    for (const pair of asObjects(list)) for (const [name, models] of Object.entries(pair)) add(name, models);
  if (settings.default_fallbacks !== undefined)
    for (const name of names)
      if (!routes.has(name) && !name.includes('*')) add(name, settings.default_fallbacks);
  for (const name of routed.keys()) if (!routes.has(name)) routes.set(name, ownModels(name));
  for (const [name, models] of routes)
    if (models.some((model) => model !== name)) plan.routes[name] = models.length === 1 ? models[0] : models;
  for (const [name, target] of Object.entries(asObject(settings.model_group_alias) ?? {})) {
    const model = asString(target) ?? asString(asObject(target)?.model);
    if (model !== undefined) plan.routes[name] = model;
  }
}

function addSettings(settings: JsonObject, plan: ImportPlan): void {
  const retries = asNumber(settings.num_retries);
  if (retries !== undefined)
    plan.settings.push({ path: ['request-retry'], value: retries, title: 'num_retries' });
  const strategy = asString(settings.routing_strategy);
  if (strategy === undefined) return;
  const value = strategies[strategy];
  if (value === undefined)
    plan.left.push({
      title: `routing_strategy ${strategy}`,
      reason: 'there is no such strategy; docs/routing.md has those that there are',
    });
  else plan.settings.push({ path: ['routing', 'strategy'], value, title: `routing_strategy ${strategy}` });
}
