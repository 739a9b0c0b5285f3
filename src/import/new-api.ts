/**
 * new-api and one-api: channels become credentials, tokens client keys.
 * Source: github.com/QuantumNous/new-api, model/channel.go (keys, model mapping, states of several keys), model/token.go.
 */

import { type Json, type JsonObject, parseJson } from '../protocols/json.ts';
import { asArray, asNumber, asObject, asString } from '../protocols/json-members.ts';
import { serviceNamed, serviceOf } from '../providers/registry.ts';
import { type ChannelPlace, channelPlaces, plans } from './new-api-channels.ts';
import { readNewApi } from './new-api-file.ts';
import {
  emptyPlan,
  type ImportedKey,
  type ImportedModel,
  type ImportPlan,
  type ImportSource,
} from './plan.ts';

export const newApi: ImportSource = {
  name: 'new-api',
  title: 'new-api, one-api',
  usualPath: () => undefined,
  fileName: 'one-api.db',
  async read(path) {
    const rows = await readNewApi(path);
    if (!rows.ok) return rows;
    const plan = emptyPlan();
    const names = new Set<string>();
    for (const channel of rows.channels) addChannel(channel, names, plan);
    for (const token of rows.tokens) addToken(token, plan);
    return { ok: true, plan };
  },
};

function addChannel(channel: JsonObject, names: Set<string>, plan: ImportPlan): void {
  const id = asNumber(channel.id);
  const name = (asString(channel.name) ?? '').trim();
  const title = `channel ${name || String(id ?? '')}`;
  const place = channelPlaces[asNumber(channel.type) ?? 0];
  if (place === undefined || 'left' in place) {
    plan.left.push({
      title,
      reason: place?.left ?? `there is no type ${String(asNumber(channel.type) ?? 0)} of channels here`,
    });
    return;
  }
  const isOn = (asNumber(channel.status) ?? 1) === 1;
  if (!isOn && place.list !== 'openai-compatibility') {
    plan.left.push({ title, reason: 'it is switched off there' });
    return;
  }
  const address = addressOf(channel, place);
  if (address === undefined) {
    plan.left.push({ title, reason: 'it has no usable base URL' });
    return;
  }
  const own =
    place.list === 'openai-compatibility' ? freeName(nameOf(name, place, address), names) : undefined;
  const version = asString(channel.other)?.trim();
  const priority = asNumber(channel.priority);
  const weight = asNumber(channel.weight);
  const left = (what: string, reason: string) =>
    plan.left.push({ title: `${what} of ${name || title}`, reason });
  plan.credentials.push({
    list: place.list,
    title,
    fields: {
      ...(own !== undefined && { name: own }),
      'base-url': address,
      ...(place.title === 'Azure' && version && { 'api-version': version }),
      ...(priority !== undefined && priority !== 0 && { priority }),
      ...(weight !== undefined && weight > 0 && { weight }),
      ...(!isOn && { disabled: true }),
      ...proxyOf(channel, left),
      ...headersOf(channel, left),
    },
    keys: keysOf(channel, own ?? (name || place.title), left),
    models: modelsOf(channel, left),
  });
  reportRest(channel, left);
}

type Leave = (what: string, reason: string) => void;

/** The base URL and what the type puts behind it. */
function addressOf(channel: JsonObject, place: Exclude<ChannelPlace, { left: string }>): string | undefined {
  const written = (asString(channel.base_url) ?? '').trim().replace(/\/+$/, '');
  const isClaude = place.list === 'claude-api-key';
  const planned = plans[written];
  if (planned !== undefined) return isClaude ? planned.claude : planned.openai;
  const base = written || place.usual;
  if (!/^https?:\/\/[^/]/i.test(base)) return undefined;
  if (!('version' in place))
    return isClaude ? base.replace(/\/v1(\/messages)?$/, '') : withoutVersion(base, place.list);
  if (place.title === 'Custom') return base.replace(/\/chat\/completions$/, '');
  const other = encodeURIComponent(asString(channel.other)?.trim() ?? '');
  if (place.version.includes('{other}') && other === '') return undefined;
  const version = place.version.replace('{other}', other);
  return base.endsWith(version) ? base : `${base}${version}`;
}

function withoutVersion(base: string, list: string): string {
  if (list === 'gemini-api-key') return base.replace(/\/v1(beta)?$/, '');
  return /\/v1$/.test(base) ? base : `${base}/v1`;
}

/** What people call the channel; a name that means a service elsewhere would have it asked as that one. */
function nameOf(name: string, { title }: ChannelPlace, address: string): string {
  const own =
    (name || title)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^-+|-+$/g, '') || 'channel';
  const named = serviceNamed(own);
  const here = serviceOf('', address);
  return named === undefined || named === here || named.keyless === true
    ? own
    : `${own}-${URL.parse(address)?.hostname ?? 'relay'}`;
}

function freeName(wanted: string, taken: Set<string>): string {
  for (let count = 1; ; count++) {
    const free = count === 1 ? wanted : `${wanted}-${count}`;
    if (taken.has(free)) continue;
    taken.add(free);
    return free;
  }
}

/** One to a line, or in a list of JSON; those that are switched off there stay there. The API lists channels without theirs. */
function keysOf(channel: JsonObject, name: string, left: Leave): ImportedKey[] {
  const written = (asString(channel.key) ?? '').trim();
  if (written === '') {
    if (channel.key !== undefined && channel.key !== null && channel.type === 4) return [];
    left('the key', 'the API lists no keys: set the variable that the config names, or import the database');
    const variable = `${name
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_')
      .replace(/^(?=\d)|^_*$/, 'CHANNEL_')}_API_KEY`;
    return [{ variable }];
  }
  const listed = written.startsWith('[') ? parseJson(written) : undefined;
  const all = Array.isArray(listed)
    ? listed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
    : written.split('\n').map((line) => line.trim());
  const info = objectIn(channel.channel_info);
  const states = info?.is_multi_key === true ? (asObject(info.multi_key_status_list) ?? {}) : {};
  const on = all.filter((key, index) => key !== '' && (asNumber(states[String(index)]) ?? 1) === 1);
  const off = all.filter((key) => key !== '').length - on.length;
  if (off > 0) left(off === 1 ? 'one key' : `${off} keys`, 'switched off there');
  return [...new Set(on)].map((value) => ({ value }));
}

/** `models` are what clients ask for; a mapping has the provider's names, possibly in several steps. */
function modelsOf(channel: JsonObject, left: Leave): ImportedModel[] {
  const models = [
    ...new Set((asString(channel.models) ?? '').split(',').map((model) => model.trim())),
  ].filter((model) => model !== '');
  const mapping = objectIn(channel.model_mapping) ?? {};
  const used = new Set<string>();
  const named = models.map((alias) => {
    let name = alias;
    for (let step = 0; step < 10; step++) {
      used.add(name);
      const next = Object.hasOwn(mapping, name) ? asString(mapping[name])?.trim() : undefined;
      if (!next || next === name) break;
      name = next;
    }
    return { name, alias };
  });
  const unlisted = Object.keys(mapping).filter((model) => !used.has(model));
  if (unlisted.length > 0)
    left(`the mapping of ${unlisted.join(', ')}`, 'its models do not have them, so it serves no request');
  return named;
}

function proxyOf(channel: JsonObject, left: Leave): { 'proxy-url'?: string } {
  const { proxy, ...others } = objectIn(channel.setting) ?? {};
  const set = Object.entries(others).filter(([, value]) => isSet(value));
  if (set.length > 0) left(set.map(([name]) => name).join(', '), 'there is no such setting of a credential');
  return typeof proxy === 'string' && proxy !== '' ? { 'proxy-url': proxy } : {};
}

function headersOf(channel: JsonObject, left: Leave): { headers?: Record<string, string> } {
  const headers = new Map<string, string>();
  const organization = asString(channel.openai_organization);
  if (organization) headers.set('OpenAI-Organization', organization);
  for (const [name, value] of Object.entries(objectIn(channel.header_override) ?? {})) {
    // `{api_key}`, `{client_header:…}` and rules such as `*` are filled in there.
    if (typeof value !== 'string' || /[{}]/.test(value) || !/^[\w-]+$/.test(name))
      left(`the header ${name}`, 'it is computed from other values there');
    else headers.set(name, value);
  }
  return headers.size === 0 ? {} : { headers: Object.fromEntries(headers) };
}

/** Settings that change what is asked or answered, and have no place here. Balances, tests and notes are not among them. */
function reportRest(channel: JsonObject, left: Leave): void {
  if (isSet(objectIn(channel.param_override)))
    left('param_override', 'bodies are changed by rules: "payload", docs/payload.md');
  if (isSet(objectIn(channel.status_code_mapping)))
    left('status_code_mapping', 'the handling of errors is configured by "request-scoped-errors"');
  const settings = Object.entries(objectIn(channel.settings) ?? {}).filter(([, value]) => isSet(value));
  if (settings.length > 0)
    left(settings.map(([name]) => name).join(', '), 'there is no such setting of a credential');
  const groups = (asString(channel.group) ?? '')
    .split(',')
    .filter((group) => !['', 'default'].includes(group.trim()));
  if (groups.length > 0)
    left(`the group ${groups.join(', ')}`, 'access is configured by "models" and "providers" of client keys');
}

function addToken(token: JsonObject, plan: ImportPlan): void {
  const name = (asString(token.name) ?? '').trim();
  const title = `token ${name || String(asNumber(token.id) ?? '')}`;
  const written = (asString(token.key) ?? '').trim();
  const left = (reason: string, what?: string) =>
    plan.left.push({ title: what === undefined ? title : `${what} of ${title}`, reason });
  if (isSet(token.deleted_at)) return;
  if (written === '' || /\*{3}/.test(written)) return void left('its key is not in the file');
  if ((asNumber(token.status) ?? 1) !== 1) return void left('it is switched off or used up there');
  const expires = asNumber(token.expired_time) ?? -1;
  const models = isSet(token.model_limits_enabled)
    ? (asString(token.model_limits) ?? '')
        .split(',')
        .map((model) => model.trim())
        .filter((model) => model !== '')
    : [];
  const groups = asString(token.group)?.trim();
  plan.clientKeys.push({
    title,
    key: { value: written.startsWith('sk-') ? written : `sk-${written}` },
    fields: {
      ...(name !== '' && { name }),
      ...(expires > 0 && { expires: new Date(expires * 1000).toISOString() }),
      ...(models.length > 0 && { models }),
    },
  });
  if (!isSet(token.unlimited_quota))
    left(
      `it had ${String(asNumber(token.remain_quota) ?? 0)} left there; here a key has a "budget" of a day or a month`,
      'the quota',
    );
  if (isSet(token.allow_ips)) left('client keys are not bound to addresses here', 'allow_ips');
  if (groups && groups !== 'default' && groups !== 'auto')
    left('access is configured by "models" and "providers" of client keys', `the group ${groups}`);
}

/** A column of JSON, or the object itself. */
function objectIn(value: Json | undefined): JsonObject | undefined {
  return asObject(typeof value === 'string' ? parseJson(value) : value);
}

function isSet(value: Json | undefined): boolean {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? asArray(value).length > 0 : Object.keys(value).length > 0;
  return (
    value !== undefined && value !== null && value !== '' && value !== 0 && value !== false && value !== '0'
  );
}
