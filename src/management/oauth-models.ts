/** What holds for all accounts of a kind: their models' other names, the models they never serve, what their errors mean. */
import { z } from 'zod';
import { type Group, isGroup } from '../config/group.ts';
import { settingIn, withSetting } from '../config-file/layout.ts';
import { BadInput } from './bad-input.ts';
import { jsonBody } from './body.ts';
import { type ErrorCode, noFile } from './error-codes.ts';
import {
  changed,
  contentsInForce,
  expandedValue,
  fileOf,
  type ManagedConfigDeps,
  writes,
} from './managed-config.ts';
import { json, refuse } from './reply.ts';
import { type Route, route } from './route.ts';

/** Source: router-for-me/CLIProxyAPI v7.2.140. `kind`: what a kind of account is called in bodies and queries. */
const maps = [
  { path: 'oauth-excluded-models', kind: 'provider', list: 'models', noKind: 'invalid body' },
  { path: 'oauth-model-alias', kind: 'channel', list: 'aliases', noKind: 'invalid channel' },
  { path: 'oauth-request-scoped-errors', kind: 'channel', list: 'rules', noKind: 'invalid channel' },
] as const;

const members = z.array(z.unknown());
const mapBody = jsonBody(
  z.union([
    z.object({ items: z.record(z.string(), members) }).transform(({ items }) => items),
    z.record(z.string(), members),
  ]),
  { example: { codex: [] } },
);
const patchBody = jsonBody(
  z.object({
    provider: z.string().optional(),
    channel: z.string().optional(),
    models: members.optional(),
    aliases: members.optional(),
    rules: members.optional(),
  }),
  { example: { provider: 'codex', models: ['gpt-4*'] } },
);
const query = z.object({ provider: z.string().optional(), channel: z.string().optional() });

const mapIn = (contents: Group, path: string): Group => {
  const found = settingIn(contents, [path]);
  return isGroup(found) ? found : {};
};

const filled = (map: Group): Group | undefined => (Object.keys(map).length === 0 ? undefined : map);

/** The map as clients see it; `{}` where there is none. */
export function mapInForce(deps: ManagedConfigDeps, path: string): unknown {
  return expandedValue(mapIn(contentsInForce(deps), path), fileOf(deps).inForce().variables);
}

export const oauthMaps: readonly string[] = maps.map(({ path }) => path);

export function oauthModelRoutes(deps: ManagedConfigDeps): Route[] {
  return maps.flatMap(({ path, kind, list, noKind }) => {
    const refusal = (status: number, error: string, code: ErrorCode) =>
      new BadInput(refuse(status, error, { code }));
    const named = ({ provider, channel }: { provider?: string | undefined; channel?: string | undefined }) =>
      ((kind === 'provider' ? (provider ?? channel) : (channel ?? provider)) ?? '').trim();
    return [
      route({
        method: 'GET',
        v0: path,
        answers: { member: path, is: 'byAccountKind' },
        refuses: noFile,
        sentence: `\`${path}\` of the file, by kind of account.`,
        run: () => json({ [path]: mapInForce(deps, path) }),
      }),
      route({
        method: 'PUT',
        v0: path,
        ...writes(),
        sentence: `Replaces \`${path}\`.`,
        body: mapBody,
        run: (call) =>
          changed(deps, call, path, (contents) => withSetting(contents, [path], filled(call.body))),
      }),
      route({
        method: 'PATCH',
        v0: path,
        ...writes({ 400: ['missing_fields'] }),
        sentence: `Replaces the \`${list}\` of one kind of account; an empty list takes it away.`,
        body: patchBody,
        run(call) {
          const name = named(call.body);
          if (name === '') throw refusal(400, noKind, 'missing_fields');
          const next = call.body[list];
          if (next === undefined)
            throw refusal(400, `invalid body: ${list}: expected a list`, 'invalid_body');
          return changed(deps, call, `${path}: ${name}`, (contents) => {
            const map = mapIn(contents, path);
            if (next.length > 0) return withSetting(contents, [path], { ...map, [name]: next });
            const { [name]: _, ...others } = map;
            return withSetting(contents, [path], filled(others));
          });
        },
      }),
      route({
        method: 'DELETE',
        v0: path,
        ...writes({ 400: ['missing_fields'], 404: ['not_found'] }),
        sentence: `Takes one kind of account out of \`${path}\`.`,
        query,
        run(call) {
          const name = named(call.query);
          if (name === '') throw refusal(400, `missing ${kind}`, 'missing_fields');
          return changed(deps, call, `${path}: ${name}`, (contents) => {
            const { [name]: gone, ...others } = mapIn(contents, path);
            if (gone === undefined) throw refusal(404, `${kind} not found`, 'not_found');
            return withSetting(contents, [path], filled(others));
          });
        },
      }),
    ];
  });
}
