/**
 * claude-code-router: its providers become credentials, its Router a model route for the names that Claude Code asks for.
 * Source: github.com/musistudio/claude-code-router, README (config.json) and src/utils/router.ts (order of its rules).
 */
import { join } from 'node:path';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from '../protocols/json-members.ts';
import { emptyPlan, fileSource, type ImportedCredential, type ImportPlan, type SecretText } from './plan.ts';
import { readJson5 } from './source-text.ts';

export const claudeCodeRouter = fileSource({
  name: 'claude-code-router',
  title: 'claude-code-router',
  usualPath: ({ home }) => join(home, '.claude-code-router', 'config.json'),
  open: readJson5,
  plan(content, path) {
    if (!Array.isArray(content.Providers) && !Array.isArray(content.providers))
      return {
        ok: false,
        sentence: `${path} has no Providers: it is no configuration of claude-code-router`,
      };
    return { ok: true, plan: planOf(content) };
  },
});

/** What the rules of its Router are here, in the order in which it looks at them. */
const rules = [
  ['image', 'images'],
  ['longContext', undefined],
  ['background', 'background'],
  ['webSearch', 'web-search'],
  ['think', 'thinking'],
] as const;

/** The number of tokens from which a context is long, by default. */
const usualThreshold = 60_000;

/** Settings of its own process, and where the like is here. */
const others: Readonly<Record<string, string>> = {
  HOST: 'the address is "host" here, 127.0.0.1 without it',
  PORT: 'the port is "port" here, 8317 without it; "cli-proxy-api connect claude" points Claude Code to it',
  LOG: 'the log is "logging-to-file" and "log" here',
  LOG_LEVEL: 'the log is "debug" here',
  API_TIMEOUT_MS: 'times are limited by parts here: "timeouts"',
  CUSTOM_ROUTER_PATH: 'programs that choose a model are not run; "model-routes" has rules',
  StatusLine: 'there is no status line',
  transformers: 'transformers are not run: requests are translated by the provider',
  plugins: 'plugins are not run',
};
const known = new Set([
  'APIKEY',
  'PROXY_URL',
  'Providers',
  'providers',
  'Router',
  'fallback',
  'NON_INTERACTIVE_MODE',
]);

function planOf(content: JsonObject): ImportPlan {
  const plan = emptyPlan();
  const providers = asObjects(content.Providers ?? content.providers);
  const shared = sharedModels(providers);
  for (const [index, provider] of providers.entries()) addProvider(provider, index, shared, plan);

  const apiKey = asString(content.APIKEY);
  if (apiKey)
    plan.clientKeys.push({ title: 'APIKEY', key: secretOf(apiKey), fields: { name: 'claude-code-router' } });
  const proxy = asString(content.PROXY_URL);
  if (proxy) plan.settings.push({ path: ['proxy-url'], value: textOf(proxy), title: 'PROXY_URL' });
  addRouter(content, plan, modelNames(providers, shared, plan));
  for (const [key, value] of Object.entries(content)) {
    if (known.has(key) || value === '' || value === null) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    plan.left.push({ title: key, reason: others[key] ?? 'there is no such setting' });
  }
  return plan;
}

/** Models that several providers have: they are distinguished by the provider's prefix. */
function sharedModels(providers: readonly JsonObject[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const provider of providers)
    for (const model of new Set(modelsIn(provider))) (seen.has(model) ? twice : seen).add(model);
  return twice;
}

function modelsIn(provider: JsonObject): string[] {
  return asArray(provider.models).flatMap(
    (model) => asString(model) ?? asString(asObject(model)?.name) ?? [],
  );
}

function prefixOf(provider: JsonObject, shared: ReadonlySet<string>): string | undefined {
  if (!modelsIn(provider).some((model) => shared.has(model))) return undefined;
  return (asString(provider.name) ?? '').trim().replace(/[\s/]+/g, '-') || undefined;
}

function addProvider(
  provider: JsonObject,
  index: number,
  shared: ReadonlySet<string>,
  plan: ImportPlan,
): void {
  const name = asString(provider.name) ?? '';
  const title = name === '' ? `Providers[${index}]` : `provider ${name}`;
  const transformers = transformersOf(provider.transformer);
  const place = placeOf(asString(provider.api_base_url) ?? '', transformers);
  if (name === '' || place === undefined) {
    plan.left.push({
      title,
      reason: transformers.some((one) => one.startsWith('vertex'))
        ? 'Vertex AI is signed in to with the key file of a service account: "cli-proxy-api auth vertex"'
        : 'it has no name, or no usable api_base_url',
    });
    return;
  }
  for (const field of Object.keys(provider))
    if (!['name', 'api_base_url', 'api_key', 'models', 'transformer'].includes(field))
      plan.left.push({ title: `${field} of ${name}`, reason: 'there is no such setting of a credential' });
  const key = asString(provider.api_key);
  const prefix = prefixOf(provider, shared);
  plan.credentials.push({
    list: place.list,
    title,
    fields: {
      ...(place.list === 'openai-compatibility' && { name }),
      'base-url': place.baseUrl,
      ...(place.protocol && { protocol: place.protocol }),
      ...(prefix !== undefined && { prefix }),
    },
    keys: key ? [secretOf(key)] : [],
    models: modelsIn(provider).map((model) => ({ name: model })),
  });
  const lost = transformers.filter((one) => !place.means.includes(one));
  if (lost.length > 0)
    plan.left.push({
      title: `transformers of ${name}: ${lost.join(', ')}`,
      reason: 'requests are translated by the provider and the model; "payload" changes bodies',
    });
}

interface Place {
  list: ImportedCredential['list'];
  baseUrl: string;
  protocol?: 'responses';
  /** Transformers that only name the protocol. */
  means: readonly string[];
}

/** Its addresses are those of one call: the protocol is known by their end, or by the transformer. */
function placeOf(written: string, transformers: readonly string[]): Place | undefined {
  const address = textOf(written).replace(/\/+$/, '');
  if (!/^https?:\/\//i.test(address) || transformers.some((one) => one.startsWith('vertex')))
    return undefined;
  const has = (name: string) => transformers.some((one) => one.toLowerCase() === name);
  if (has('gemini') || /\/v1beta(\/models)?$/.test(address))
    return {
      list: 'gemini-api-key',
      baseUrl: address.replace(/(\/v1beta)?(\/models)?$/, ''),
      means: ['gemini'],
    };
  if (has('anthropic') || /\/messages$/.test(address))
    return {
      list: 'claude-api-key',
      baseUrl: address.replace(/(\/v1)?(\/messages)?$/, ''),
      means: ['anthropic', 'Anthropic'],
    };
  if (has('openai-responses') || has('openai-response') || /\/responses$/.test(address))
    return {
      list: 'openai-compatibility',
      baseUrl: address.replace(/\/responses$/, ''),
      protocol: 'responses',
      means: ['openai-responses', 'openai-response'],
    };
  return {
    list: 'openai-compatibility',
    baseUrl: address.replace(/\/chat\/completions$/, ''),
    means: ['openai', 'OpenAI'],
  };
}

/** Those for all its models, and those of single ones. */
function transformersOf(written: Json | undefined): string[] {
  const group = asObject(written) ?? {};
  const named = (use: Json | undefined) =>
    asArray(use).flatMap((one) => asString(one) ?? asString(asArray(one)[0]) ?? []);
  const single = Object.entries(group).flatMap(([name, value]) =>
    name === 'use' || !isObject(value) ? [] : named(value.use),
  );
  return [...new Set([...named(group.use), ...single])];
}

/** `provider,model` as a model is called here. */
function modelNames(
  providers: readonly JsonObject[],
  shared: ReadonlySet<string>,
  plan: ImportPlan,
): (written: string, where: string) => string | undefined {
  return (written, where) => {
    const comma = written.indexOf(',');
    const wanted = written.slice(0, comma).trim().toLowerCase();
    const model = written.slice(comma + 1).trim();
    const provider = providers.find(({ name }) => asString(name)?.toLowerCase() === wanted);
    if (comma < 0 || model === '' || provider === undefined) {
      plan.left.push({ title: where, reason: 'it names no provider of the file and a model of it' });
      return undefined;
    }
    addModel(provider, model, plan);
    const prefix = prefixOf(provider, shared);
    return prefix === undefined ? model : `${prefix}/${model}`;
  };
}

/** A model that only the Router names, as `model:online` of OpenRouter: a list of models would keep it out. */
function addModel(provider: JsonObject, model: string, plan: ImportPlan): void {
  const listed = modelsIn(provider);
  if (listed.length === 0 || listed.includes(model)) return;
  const title = `provider ${asString(provider.name) ?? ''}`;
  plan.credentials = plan.credentials.map((one) =>
    one.title !== title || one.models.some(({ name }) => name === model)
      ? one
      : { ...one, models: [...one.models, { name: model }] },
  );
}

function addRouter(
  content: JsonObject,
  plan: ImportPlan,
  nameOf: (written: string, where: string) => string | undefined,
): void {
  const router = asObject(content.Router) ?? {};
  const fallback = asObject(content.fallback) ?? asObject(router.fallback) ?? {};
  const modelsFor = (scenario: string): string[] => {
    const written = asString(router[scenario]);
    if (!written) return [];
    const all = [written, ...asArray(fallback[scenario]).flatMap((one) => asString(one) ?? [])];
    const named = all.flatMap((one) => nameOf(one, `Router.${scenario}`) ?? []);
    return [...new Set(named)];
  };
  const written = rules.flatMap(([scenario, word]) => {
    const models = modelsFor(scenario);
    const when = word ?? { 'long-context': thresholdOf(router.longContextThreshold) };
    return models.length === 0 ? [] : [{ when, models: oneOrMany(models) }];
  });
  const models = modelsFor('default');
  if (models.length > 0 || written.length > 0)
    plan.routes['claude-*'] = {
      ...(models.length > 0 && { models: oneOrMany(models) }),
      ...(written.length > 0 && { rules: written }),
    };
}

/** It may be a text there. */
function thresholdOf(written: Json | undefined): number {
  const value = Number(asString(written) ?? asNumber(written));
  return Number.isInteger(value) && value > 0 ? value : usualThreshold;
}

function oneOrMany(models: string[]): string | string[] {
  const [only = ''] = models;
  return models.length === 1 ? only : models;
}

const wholeVariable = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))$/;

/** Texts may be `$NAME` or `${NAME}` there. */
function secretOf(written: string): SecretText {
  const [, braced, bare] = wholeVariable.exec(written.trim()) ?? [];
  const variable = braced ?? bare;
  return variable === undefined ? { value: written.trim() } : { variable };
}

/** The same in the spelling of our config. */
function textOf(written: string): string {
  return written.trim().replace(/\$(?!\{)([A-Za-z_]\w*)/g, '$${$1}');
}
