/** Accounts, as files: list, read, write, change, delete, and renew their tokens. */

import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Gateway } from '../gateway/gateway.ts';
import type { Clock } from '../ground/clock.ts';
import { knownModel } from '../models/known-models.ts';
import type { RecentCounter } from '../usage/recent-counts.ts';
import { wantedChanges, withChanges } from './auth-file-fields.ts';
import { filesText, type ListedFile, listedFiles, type OpenedAccounts } from './auth-file-list.ts';
import {
  notFound,
  problemReply,
  refreshResult,
  severalReply,
  statusOf,
  unavailable,
} from './auth-file-replies.ts';
import { mostUpload, nameProblem, uploadedFiles, uploadProblem } from './auth-file-upload.ts';
import { authIndex } from './auth-index.ts';
import { anyBody, jsonBody, optionalJsonBody } from './body.ts';
import { keySwitched } from './config-key-status.ts';
import { accountFileRefusals, accountRefusals, configRefusals, refusals } from './error-codes.ts';
import type { ProviderKeysDeps } from './provider-keys.ts';
import { countsWriter } from './recent-requests.ts';
import { attachment, done, json, jsonText, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';

export interface AuthFilesDeps extends ProviderKeysDeps {
  gateway: Pick<Gateway, 'pool' | 'credentials' | 'catalog'>;
  /** Undefined where the `auth-dir` cannot be used; the log has the reason. */
  accounts: () => Promise<OpenedAccounts | undefined>;
  counts: Pick<RecentCounter, 'of'>;
  now: Clock['now'];
}

const page = z.coerce.number().int().positive().optional();
const nameOrIndex = { name: z.string().optional(), auth_index: z.string().optional() };
/** Renewals at the same time, where all are asked for. */
const renewalsAtOnce = 8;

export function authFileRoutes(deps: AuthFilesDeps): Route[] {
  const { gateway, accounts, counts, now } = deps;
  /** Runs with the accounts. */
  async function using(action: (managed: OpenedAccounts) => Promise<Reply>): Promise<Reply> {
    const managed = await accounts();
    return managed === undefined ? unavailable() : action(managed);
  }

  function list(managed: OpenedAccounts): ListedFile[] {
    const credentials = Map.groupBy(gateway.credentials(), ({ id, account }) => account ?? id);
    const time = now();
    return listedFiles(managed, {
      cooldowns: gateway.pool.cooldowns(time),
      counts: countsWriter(counts, time),
      credentials: new Map([...credentials].map(([account, own]) => [account, own.map(({ id }) => id)])),
      now: time,
    });
  }

  return [
    route({
      method: 'GET',
      v0: 'auth-files',
      v8: 'credentials',
      answers: 'authFiles',
      refuses: accountRefusals,
      sentence:
        'Every account file, by name, without its tokens. `page` and `page_size` (50) give a part of them, with `total` and `has_more`.',
      query: z.object({ ...nameOrIndex, page, page_size: page }),
      run: ({ query }) =>
        using(async (managed) => {
          const all = list(managed).filter(
            ({ name, id }) =>
              (query.name === undefined || name === query.name) &&
              (query.auth_index === undefined || authIndex(id) === query.auth_index),
          );
          const observed_at = new Date(now()).toISOString();
          if (query.page === undefined && query.page_size === undefined)
            return jsonText(await filesText(all, { observed_at }));
          const { page: number = 1, page_size: size = 50 } = query;
          const end = number * size;
          const beside = { observed_at, total: all.length, page: number, page_size: size };
          const files = all.slice(end - size, end);
          return jsonText(await filesText(files, { ...beside, has_more: end < all.length }));
        }),
    }),
    route({
      method: 'GET',
      v0: 'auth-files/models',
      answers: 'accountModels',
      refuses: { 400: ['missing_parameter'] },
      v8: 'credentials/models',
      sentence: 'The models that an account serves now.',
      query: z.object({ name: z.string().optional() }),
      run({ query: { name } }) {
        if (!name) return refuse(400, 'name is required', { code: 'missing_parameter' });
        const id = name.replace(/\.json$/i, '');
        const models = gateway
          .catalog()
          .models()
          .flatMap(({ id: model, candidates }) => {
            const own = candidates.find(({ credential }) => (credential.account ?? credential.id) === id);
            if (own === undefined) return [];
            const { provider } = own.credential;
            const display_name = own.about?.displayName ?? model;
            const owned_by = knownModel(model)?.maker ?? provider.name;
            return [{ id: model, display_name, type: provider.name, owned_by }];
          });
        return json({ models });
      },
    }),
    route({
      method: 'GET',
      v0: 'auth-files/download',
      answers: { json: 'accountFile', types: [], file: true },
      refuses: refusals(accountFileRefusals, { 400: ['invalid_name'] }),
      v8: 'credentials/download',
      sentence: 'An account file as it is, decrypted, with its tokens.',
      query: z.object({ name: z.string().optional() }),
      run: ({ query: { name = '' } }) =>
        using(async ({ store }) => {
          const problem = nameProblem(name, 'name must end with .json');
          if (problem !== undefined) return refuse(400, problem, { code: 'invalid_name' });
          const read = await store.text(name);
          if (!read.ok) return problemReply(read.problem, 'file not found');
          const reply = attachment(name, read.text, 'application/json');
          return { ...reply, changed: `account file ${name} downloaded` };
        }),
    }),
    route({
      method: 'POST',
      v0: 'auth-files',
      answers: { 200: 'filesWritten', 207: 'filesPartlyWritten' },
      refuses: { ...accountRefusals, 400: ['invalid_file'] },
      v8: 'credentials',
      sentence:
        'Writes account files: a form with one or many, or the JSON itself with `?name=`. One that has the name is replaced.',
      query: z.object({ name: z.string().optional() }),
      body: anyBody(['multipart/form-data', 'application/json'], mostUpload),
      run: ({ query: { name }, body }) =>
        using(async (managed) => {
          const sent = await uploadedFiles(body, name);
          if (!sent.ok) return refuse(400, sent.error, { code: 'invalid_file' });
          const failed: { name: string; error: string }[] = [];
          const files: string[] = [];
          for (const file of sent.files) {
            const error = uploadProblem(file) ?? (await written(managed, file.name, file.text));
            if (error === undefined) files.push(file.name);
            else failed.push({ name: file.name, error });
          }
          return severalReply('uploaded', files, failed, sent.files.length === 1 ? 400 : 207);
        }),
    }),
    route({
      method: 'PATCH',
      v0: 'auth-files/status',
      answers: 'statusChanged',
      refuses: refusals(configRefusals, accountFileRefusals, { 400: ['missing_parameter', 'invalid_field'] }),
      v8: 'credentials/status',
      sentence:
        'Turns an account on or off; or a key of the file, by its `auth-index`: `*` among its `excluded-models`.',
      body: jsonBody(z.object({ ...nameOrIndex, disabled: z.boolean().optional() }), {
        example: { name: 'codex-ann.json', disabled: true },
      }),
      run: (call) =>
        using(async (managed) => {
          const { name, auth_index, disabled } = call.body;
          if (!name && !auth_index) return refuse(400, 'name is required', { code: 'missing_parameter' });
          if (disabled === undefined)
            return refuse(400, 'disabled is required', { code: 'missing_parameter' });
          const file = await fileOf(managed, name, auth_index);
          if (file === undefined)
            return (await keySwitched(deps, call, auth_index || name || '', disabled)) ?? notFound();
          return changed(managed, file, { disabled }, { disabled });
        }),
    }),
    route({
      method: 'PATCH',
      v0: 'auth-files/fields',
      answers: 'done',
      refuses: refusals(accountFileRefusals, {
        400: ['missing_parameter', 'no_fields', 'invalid_field'],
        422: ['read_only_field'],
      }),
      v8: 'credentials/fields',
      sentence:
        'Changes the owner’s fields of an account: prefix, proxy_url, priority, weight, note, headers (merged), … Empty texts and null remove.',
      body: jsonBody(z.looseObject(nameOrIndex).pipe(z.record(z.string(), z.json())), {
        example: { name: 'codex-ann.json', note: 'of Ann', priority: 5, headers: { 'X-Team': 'a' } },
      }),
      run: ({ body: { name, auth_index, ...fields } }) =>
        using(async (managed) => {
          const [named, index] = [name, auth_index].map((text) =>
            typeof text === 'string' ? text : undefined,
          );
          if (!named && !index) return refuse(400, 'name is required', { code: 'missing_parameter' });
          const file = await fileOf(managed, named, index);
          return file === undefined ? notFound() : changed(managed, file, fields, {});
        }),
    }),
    route({
      method: 'DELETE',
      v0: 'auth-files',
      answers: { 200: 'filesDeleted', 207: 'filesPartlyDeleted' },
      refuses: refusals(accountRefusals, {
        400: ['missing_parameter', 'invalid_file'],
        404: ['not_found'],
        409: ['invalid_file'],
        500: ['invalid_file'],
        503: ['invalid_file'],
      }),
      v8: 'credentials',
      sentence:
        'Deletes account files: `?name=` (once or more), `?all=true`, or a body `{"names":[…]}`, `{"name":"…"}` or `["…"]`.',
      query: z.object({ name: z.string().optional(), all: z.string().optional() }),
      body: optionalJsonBody(
        z.union([
          z.array(z.string()),
          z.object({ names: z.array(z.string()).optional(), name: z.string().optional() }),
        ]),
        { example: { names: ['codex-ann.json'] } },
      ),
      run: ({ search, query, body }) =>
        using(async (managed) => {
          const inBody = Array.isArray(body)
            ? body
            : [...(body?.names ?? []), ...(body?.name ? [body.name] : [])];
          const all = query.all === 'true' || query.all === '1';
          const names = all ? await fileNames(managed) : [...new Set([...search.getAll('name'), ...inBody])];
          if (!all && names.length === 0) return refuse(400, 'invalid name', { code: 'missing_parameter' });
          const failed: { name: string; error: string; status: number }[] = [];
          const files: string[] = [];
          for (const name of names) {
            const problem = await removed(managed, name);
            if (problem === undefined) files.push(name);
            else failed.push({ name, ...problem });
          }
          if (all && failed.length === 0)
            return done(`${files.length} account files deleted`, { deleted: files.length });
          const failures = failed.map(({ name, error }) => ({ name, error }));
          return severalReply(
            'deleted',
            files,
            failures,
            names.length === 1 ? (failed[0]?.status ?? 400) : 207,
          );
        }),
    }),
    route({
      method: 'POST',
      v0: 'auth-files/refresh',
      answers: { 200: 'refreshed', 207: 'partlyRefreshed', 502: 'partlyRefreshed' },
      refuses: { ...accountRefusals, 400: ['missing_parameter'], 404: ['not_found'] },
      v8: 'credentials/refresh',
      sentence: 'Renews the tokens of an account (`name` or `auth_index`), or of `all`, now.',
      body: jsonBody(z.object({ ...nameOrIndex, all: z.boolean().optional() }), {
        example: { name: 'codex-ann.json' },
      }),
      run: ({ body: { name, auth_index, all } }) =>
        using(async (managed) => {
          if (!name && !auth_index && !all)
            return refuse(400, 'name is required', { code: 'missing_parameter' });
          const meant = managed.live
            .list()
            .map(({ account }) => account)
            .filter(
              ({ id, file }) =>
                all || basename(file) === name || id === name || (auth_index && authIndex(id) === auth_index),
            );
          if (meant.length === 0 && !all) return notFound();
          const results: Record<string, unknown>[] = [];
          for (let start = 0; start < meant.length; start += renewalsAtOnce)
            results.push(
              ...(await Promise.all(
                meant.slice(start, start + renewalsAtOnce).map(async ({ file }) => {
                  const result = await managed.live.refresh(file);
                  return { name: basename(file), ...refreshResult(result) };
                }),
              )),
            );
          const good = results.filter(({ result }) => result === 'refreshed').length;
          const ok = good === results.length;
          return json(
            ok
              ? { status: 'ok', refreshed: good, results }
              : {
                  status: 'partial',
                  error: 'not every account could be refreshed',
                  refreshed: good,
                  results,
                },
            { status: ok ? 200 : good > 0 ? 207 : 502, changed: `tokens of ${good} accounts renewed` },
          );
        }),
    }),
  ];
}

/** The name of the account file that is meant: by its name, its id, or its index. */
async function fileOf(
  managed: OpenedAccounts,
  name: string | undefined,
  index: string | undefined,
): Promise<string | undefined> {
  const files = await fileNames(managed);
  if (name && nameProblem(name, 'none') === undefined && files.includes(name)) return name;
  return files.find((file) => {
    const id = file.replace(/\.json$/i, '');
    return name ? id === name || file === name : authIndex(id) === index;
  });
}

async function fileNames({ store }: OpenedAccounts): Promise<string[]> {
  const found = await store.names();
  return found.ok ? found.files : [];
}

/** Writes fields of the owner, and puts them in force. */
async function changed(
  { store, live }: OpenedAccounts,
  file: string,
  fields: Parameters<typeof wantedChanges>[0],
  answer: Record<string, unknown>,
): Promise<Reply> {
  const wanted = wantedChanges(fields);
  if (!wanted.ok)
    return refuse(wanted.status, wanted.error, {
      code: wanted.status === 422 ? 'read_only_field' : 'no_fields',
    });
  let error: string | undefined;
  const result = await store.changeText(file, (text) => {
    const next = withChanges(file, text, wanted.changes);
    error = next.ok ? undefined : next.error;
    return next.ok ? next.text : undefined;
  });
  if (error !== undefined) return refuse(400, error, { code: 'invalid_field' });
  if (!result.ok) return problemReply(result.problem, 'auth file not found');
  await live.look(join(store.directory, file));
  const names = [...new Set(wanted.changes.map(({ path: [field] }) => field))];
  return done(`${file}: ${names.join(', ')}`, answer);
}

/** Why a file could not be written. */
async function written(
  { store, live }: OpenedAccounts,
  name: string,
  text: string,
): Promise<string | undefined> {
  const problem = await store.put(name, text);
  if (problem !== undefined) return problem.message;
  await live.look(join(store.directory, name));
  return undefined;
}

async function removed(
  { store, live }: OpenedAccounts,
  name: string,
): Promise<{ error: string; status: number } | undefined> {
  const wrong = nameProblem(name, 'name must end with .json');
  if (wrong !== undefined) return { error: wrong, status: 400 };
  const path = join(store.directory, name);
  if (!(await store.names().then((found) => !found.ok || found.files.includes(name))))
    return { error: 'auth file not found', status: 404 };
  const problem = await store.remove(path);
  if (problem !== undefined) return { error: problem.message, status: statusOf(problem) };
  await live.look(path);
  return undefined;
}
