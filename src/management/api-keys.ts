/** The keys that clients send, as the peer has them: a list of texts. Names, limits and all else of a key that stays, stay. */

import { z } from 'zod';
import { type Group, isGroup } from '../config/group.ts';
import type { Config } from '../config/schema.ts';
import { settingIn, withSetting } from '../config-file/layout.ts';
import { counted } from '../ground/counted.ts';
import { BadInput } from './bad-input.ts';
import { jsonBody, listBody } from './body.ts';
import { noFile } from './error-codes.ts';
import {
  changed,
  expandedValue,
  fileOf,
  type ManagedConfigDeps,
  type Variables,
  writes,
} from './managed-config.ts';
import { placeGiven } from './place-given.ts';
import { json, refuse } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ApiKeysDeps extends ManagedConfigDeps {
  config: () => Config;
}

const place = ['api-keys'];

/** A key, or an entry with a name and limits. */
const entry = z.union([z.string(), z.record(z.string(), z.unknown())]);
const patchBody = jsonBody(
  z.object({
    index: z.number().int().optional(),
    value: z.string().optional(),
    old: z.string().optional(),
    new: z.string().optional(),
  }),
  { example: { old: 'team-a-…', new: 'team-c-…' } },
);

/** The keys of the file, without those that the environment adds. */
export function clientKeysInFile(deps: ApiKeysDeps): string[] {
  const { contents, variables } = fileOf(deps).inForce();
  return listedIn(isGroup(contents) ? contents : {}).map((written) => keyOf(written, variables));
}

function listedIn(contents: Group): unknown[] {
  const listed = settingIn(contents, place);
  return Array.isArray(listed) ? listed : [];
}

function keyOf(written: unknown, env: Variables): string {
  const key = isGroup(written) ? (written.key ?? written['api-key']) : written;
  return String(expandedValue(key, env) ?? '');
}

/** The entry with another key; all else of it stays. */
function rekeyed(written: unknown, key: string): unknown {
  if (!isGroup(written)) return key;
  return {
    ...written,
    [written.key === undefined && written['api-key'] !== undefined ? 'api-key' : 'key']: key,
  };
}

function usable(key: string): string {
  const trimmed = key.trim();
  if (trimmed !== '') return trimmed;
  throw new BadInput(refuse(422, 'a client key is empty', { code: 'invalid_key' }));
}

const missing = (what: string) => new BadInput(refuse(400, what, { code: 'missing_fields' }));

export function apiKeyRoutes(deps: ApiKeysDeps): Route[] {
  const env = () => fileOf(deps).inForce().variables;
  const listed = (contents: Group, keys: readonly unknown[]) => withSetting(contents, place, keys);

  return [
    route({
      method: 'GET',
      v0: 'api-keys',
      answers: { member: 'api-keys', is: 'clientKeyTexts' },
      refuses: noFile,
      sentence: 'The client keys of the file.',
      run: () => json({ 'api-keys': clientKeysInFile(deps) }),
    }),
    route({
      method: 'PUT',
      v0: 'api-keys',
      ...writes({ 422: ['invalid_key'] }),
      sentence: 'Replaces the client keys. Keys that stay keep their names and limits.',
      body: listBody(entry, ['team-a-…', 'team-b-…']),
      run: (call) =>
        changed(deps, call, `api-keys: ${counted(call.body.length, 'key')}`, (contents) => {
          const before = new Map<string, unknown>();
          for (const written of listedIn(contents)) {
            const key = keyOf(written, env());
            if (!before.has(key)) before.set(key, written);
          }
          const next = new Map<string, unknown>();
          for (const given of call.body) {
            const key = usable(keyOf(given, {}));
            next.set(key, isGroup(given) ? given : (before.get(key) ?? key));
          }
          return listed(contents, [...next.values()]);
        }),
    }),
    route({
      method: 'PATCH',
      v0: 'api-keys',
      ...writes({ 400: ['missing_fields'], 422: ['invalid_key'] }),
      sentence: 'Replaces one client key, by its index or its value; an unknown `old` adds `new`.',
      body: patchBody,
      run: (call) =>
        changed(deps, call, 'api-keys: one key', (contents) => {
          const { index, value, old, new: next } = call.body;
          const keys = listedIn(contents);
          if (index !== undefined && value !== undefined && index >= 0 && index < keys.length)
            return listed(contents, keys.with(index, rekeyed(keys[index], usable(value))));
          if (old === undefined || next === undefined) throw missing('missing fields');
          const at = keys.findIndex((written) => keyOf(written, env()) === old);
          if (at >= 0) return listed(contents, keys.with(at, rekeyed(keys[at], usable(next))));
          return listed(contents, [...keys, usable(next)]);
        }),
    }),
    route({
      method: 'DELETE',
      v0: 'api-keys',
      ...writes({ 400: ['missing_fields'] }),
      sentence:
        'Takes one client key away. The last one stays where other computers could use the gateway without it.',
      query: z.object({ index: z.string().optional(), value: z.string().optional() }),
      run: (call) =>
        changed(deps, call, 'api-keys: one key', (contents) => {
          const keys = listedIn(contents);
          const { index, value } = call.query;
          const at = placeGiven(index);
          if (at !== undefined && at < keys.length) return listed(contents, keys.toSpliced(at, 1));
          if (!value) throw missing('missing index or value');
          return listed(
            contents,
            keys.filter((written) => keyOf(written, env()) !== value.trim()),
          );
        }),
    }),
  ];
}
