/** The configuration as a whole: as JSON, as the file's text, and its earlier versions. */
import { z } from 'zod';
import { isGroup } from '../config/group.ts';
import { inOwnPlaces } from '../config/peer-spellings.ts';
import type { Config } from '../config/schema.ts';
import type { LoadedConfig } from '../config-file/config-file.ts';
import { yieldToEventLoop } from '../ground/steps.ts';
import { type ApiKeysDeps, clientKeysInFile } from './api-keys.ts';
import { optionalJsonBody, textBody } from './body.ts';
import { noFile } from './error-codes.ts';
import {
  answered,
  author,
  contentsInForce,
  expandedValue,
  fileOf,
  problemsText,
  writes,
} from './managed-config.ts';
import { mapInForce, oauthMaps } from './oauth-models.ts';
import { listedEntries, providerLists } from './provider-keys.ts';
import { json, jsonText, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import { jsonYielding } from './yielding-json.ts';

export type ConfigDeps = ApiKeysDeps;

const yaml = { types: ['application/yaml'] };
const yamlTypes = ['application/yaml', 'text/yaml', 'text/plain'];
/** As large as a file may be that the gateway reads. */
const mostYaml = 8 * 1024 * 1024;

/** Never sent: the peer keeps these to itself, and what encrypts the accounts. */
const kept = [
  'host',
  'port',
  'remote-management',
  'auth-dir',
  'auth-encryption-key',
  'home',
  'config-version',
];

/** Written once for what is in force: a thousand keys take long, and panels ask again and again. */
const texts = new WeakMap<LoadedConfig, Promise<string>>();

/** What is in force, by the names of the file, with all that panels read; lists that are empty are `[]`. */
function configAsJson(deps: ConfigDeps): Promise<string> {
  const inForce = fileOf(deps).inForce();
  let text = texts.get(inForce);
  if (text === undefined) {
    text = writtenConfig(deps);
    texts.set(inForce, text);
    text.catch(() => texts.delete(inForce));
  }
  return text;
}

async function writtenConfig(deps: ConfigDeps): Promise<string> {
  const config = deps.config();
  const { variables } = fileOf(deps).inForce();
  // Long lists are shown as their own addresses show them.
  const short = Object.entries(contentsInForce(deps)).filter(
    ([key, value]) => !(Array.isArray(value) && (key === 'api-keys' || providerLists.includes(key))),
  );
  const placed = expandedValue(inOwnPlaces(Object.fromEntries(short)).value, variables);
  const said = Object.entries(isGroup(placed) ? placed : {}).filter(
    ([key, value]) => !kept.includes(key) && value !== null,
  );
  const written = Object.fromEntries(said);
  const lists: Record<string, unknown> = {};
  for (const list of providerLists) {
    lists[list] = listedEntries(deps, list);
    await yieldToEventLoop();
  }
  return jsonYielding({
    ...written,
    ...usual(config),
    routing: { ...group(written.routing), strategy: config.routing.strategy },
    'quota-exceeded': {
      ...group(written['quota-exceeded']),
      'switch-project': config['quota-exceeded']['switch-project'],
      'switch-preview-model': config['quota-exceeded']['switch-preview-model'],
    },
    'api-keys': clientKeysInFile(deps),
    ...lists,
    ...Object.fromEntries(oauthMaps.map((path) => [path, mapInForce(deps, path)])),
  });
}

function group(value: unknown): Record<string, unknown> {
  return isGroup(value) ? value : {};
}

function usual(config: Config) {
  return {
    debug: config.debug,
    'proxy-url': config['proxy-url'] ?? '',
    'request-retry': config['request-retry'],
    'max-retry-credentials': config['max-retry-credentials'],
    'max-retry-interval': Math.round(config['max-retry-interval'] / 1000),
    'request-log': config['request-log'],
    'logging-to-file': config['logging-to-file'],
    'logs-max-total-size-mb': config['logs-max-total-size-mb'],
    'error-logs-max-files': config['error-logs-max-files'] < 0 ? 10 : config['error-logs-max-files'],
    'usage-statistics-enabled': config['usage-statistics-enabled'],
    'ws-auth': true,
    'force-model-prefix': config['force-model-prefix'],
    'passthrough-headers': config['passthrough-headers'],
    'disable-cooling': config['disable-cooling'],
  };
}

function withTag(reply: Reply, etag: string): Reply {
  reply.response.headers.set('etag', etag);
  reply.response.headers.set('cache-control', 'no-store');
  return reply;
}

export function configRoutes(deps: ConfigDeps): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'config',
      answers: 'config',
      headers: ['ETag'],
      refuses: noFile,
      sentence: 'The configuration in force as JSON, by the names of the file.',
      async run() {
        const { etag } = await (await fileOf(deps).file()).read();
        return withTag(jsonText(await configAsJson(deps)), etag);
      },
    }),
    route({
      method: 'GET',
      v0: 'config.yaml',
      answers: yaml,
      headers: ['ETag'],
      refuses: noFile,
      v8: 'config.yaml',
      sentence: "The file's text, with an `ETag` for `If-Match`.",
      async run() {
        const { text, etag } = await (await fileOf(deps).file()).read();
        const headers = { 'content-type': 'application/yaml; charset=utf-8' };
        return withTag({ response: new Response(text, { headers }) }, etag);
      },
    }),
    route({
      method: 'PUT',
      v0: 'config.yaml',
      ...writes({ 400: ['invalid_yaml'] }, 'replaced'),
      v8: 'config.yaml',
      sentence: 'Replaces the file, once its text is found to load.',
      body: textBody(yamlTypes, mostYaml),
      async run(call) {
        const file = await fileOf(deps).file();
        const what = 'config.yaml: the whole file';
        const making = file.replace(call.body, author(call, what));
        const made = await making.catch(() => undefined);
        if (made?.ok === false && made.reason === 'invalid' && made.problems.every(({ key }) => key === ''))
          return refuse(400, 'invalid_yaml', {
            code: 'invalid_yaml',
            message: problemsText(made.problems),
          });
        return answered(making, what, { ok: true, changed: ['config'] });
      },
    }),
    route({
      method: 'GET',
      v0: 'config-versions',
      answers: 'versions',
      refuses: noFile,
      v8: 'config-versions',
      sentence: 'The kept versions of the file, the newest first: when, by whom, and what was changed.',
      run: async () => json({ versions: await (await fileOf(deps).file()).versions() }),
    }),
    route({
      method: 'GET',
      v0: 'config-versions/:id',
      answers: yaml,
      refuses: { ...noFile, 404: ['version_not_found'] },
      v8: 'config-versions/:id',
      sentence: 'The text of a kept version.',
      async run(call) {
        const version = await (await fileOf(deps).file()).version(call.parameter('id'));
        if (version === undefined) return refuse(404, 'version not found', { code: 'version_not_found' });
        const headers = { 'content-type': 'application/yaml; charset=utf-8', 'cache-control': 'no-store' };
        return { response: new Response(version.text, { headers }) };
      },
    }),
    route({
      method: 'POST',
      v0: 'config-versions/restore',
      ...writes({ 404: ['version_not_found'] }),
      v8: 'config-versions/restore',
      sentence: 'Puts a kept version back: the one of this `id`, or the one before that which is there.',
      body: optionalJsonBody(z.object({ id: z.string().optional() }), {
        example: { id: '2026-11-30T08-15-00-000Z' },
      }),
      async run(call) {
        const id = call.body?.id;
        const what = id === undefined ? 'the version before was put back' : `the version ${id} was put back`;
        return answered((await fileOf(deps).file()).restore(id, author(call, what)), what);
      },
    }),
  ];
}
