/** The configuration as a tree, as the peer's version 8 has it: every place is read, replaced, merged or taken away by its path. */
import { z } from 'zod';
import { type Group, isGroup } from '../config/group.ts';
import type { LoadedConfig } from '../config-file/config-file.ts';
import { isNewer, memberAt, withMember } from '../config-file/layout.ts';
import { asNewer, asOlder, merged, olderName } from '../config-file/newer-layout.ts';
import { BadInput } from './bad-input.ts';
import { jsonBody } from './body.ts';
import { type ErrorCode, noFile, refusals } from './error-codes.ts';
import { hasKeyNames, isKeyName } from './keepable.ts';
import {
  changed,
  contentsInForce,
  expandedValue,
  fileOf,
  type ManagedConfigDeps,
  writes,
} from './managed-config.ts';
import { prototype } from './prototype-name.ts';
import { providerLists } from './provider-keys.ts';
import { json, jsonText, type Reply, refuse } from './reply.ts';
import { type Asked, type Route, route } from './route.ts';
import { jsonYielding } from './yielding-json.ts';

const done = { status: 'ok', 'config-version': 8 };
const bad = (status: number, error: ErrorCode, message?: string) =>
  new BadInput(refuse(status, error, { code: error, ...(message !== undefined && { message }) }));

/** Keys that are not readable over this: they grant access, or encrypt the accounts. */
const kept = [['auth-encryption-key']];

const trees = new WeakMap<LoadedConfig, Group>();

/** The tree in force, with the values of the file. */
function tree(deps: ManagedConfigDeps): Group {
  const inForce = fileOf(deps).inForce();
  const before = trees.get(inForce);
  if (before !== undefined) return before;
  const newer = asNewer(contentsInForce(deps), providerLists);
  const shown = kept.reduce((value, path) => withMember(value, path, undefined), newer);
  trees.set(inForce, shown);
  return shown;
}

function pathOf(written: string): string[] {
  const path = written.split('/');
  if (path.some((name) => !isKeyName(name) || name === prototype)) throw bad(400, 'invalid_path');
  return path;
}

async function answerTo(deps: ManagedConfigDeps, path: readonly string[]): Promise<Reply> {
  const value = memberAt(tree(deps), path);
  if (value === undefined) return refuse(404, 'not_found', { code: 'not_found' });
  const { variables } = fileOf(deps).inForce();
  const reply = jsonText(await jsonYielding(value, (part) => expandedValue(part, variables)));
  const { etag } = await (await fileOf(deps).file()).read();
  reply.response.headers.set('cache-control', 'no-store');
  reply.response.headers.set('etag', etag);
  return reply;
}

/** Counters of CLIProxyAPI in its file: they are not written over the API. Source: api.md of its management, v8. */
const counted: readonly (readonly [string, ...string[]])[] = [
  ['credentials', 'concurrency', 'lifecycle-config-revision'],
  ['credentials', 'concurrency', 'observation-barrier-revision'],
  ['plugins', 'auth-revision'],
];

/** What is counted stays where a whole is replaced without it. */
function withCounted(before: Group, next: Group, path: readonly string[]): Group {
  let result = next;
  for (const place of counted) {
    const [is, wanted] = [memberAt(before, place), memberAt(next, place)];
    const field = place.join('.');
    if (path.join('.') === field || (wanted !== undefined && !Bun.deepEquals(is, wanted)))
      throw new BadInput(json({ error: 'read_only_field', code: 'read_only_field', field }, { status: 400 }));
    if (is !== undefined && wanted === undefined) result = withMember(result, place, is);
  }
  return result;
}

/** Changes the tree; the file keeps the layout that it has. */
function change(
  deps: ManagedConfigDeps,
  asked: Pick<Asked, 'caller' | 'request'>,
  path: readonly string[],
  make: (tree: Group) => Group,
): Promise<Reply> {
  return changed(
    deps,
    asked,
    path.length === 0 ? 'config' : path.join('.'),
    (contents) => {
      const before = asNewer(contents, providerLists);
      const next = withCounted(before, make(before), path);
      const older = olderName(next, providerLists);
      if (older !== undefined)
        throw bad(
          400,
          'invalid_config',
          `legacy field ${older.name} is not accepted here; use ${older.place}`,
        );
      return isNewer(contents) ? next : asOlder(next);
    },
    { body: done },
  );
}

const writesAll = writes({ 400: ['read_only_field', 'invalid_config'] }, 'treeChanged');
const writesPlace = writes({ 400: ['read_only_field', 'invalid_config', 'invalid_path'] }, 'treeChanged');
const named = { message: 'a name of a key is empty, too long, or has control characters' };
const anything = jsonBody(z.unknown().refine(hasKeyNames, named), { example: 'round-robin' });
const object = jsonBody(z.record(z.string(), z.unknown()).refine(hasKeyNames, named), {
  example: { routing: { strategy: 'round-robin' } },
});

export function configTreeRoutes(deps: ManagedConfigDeps): Route[] {
  return [
    route({
      method: 'GET',
      v8: 'config',
      answers: 'tree',
      headers: ['ETag'],
      refuses: noFile,
      sentence: 'The content of the file, in the layout of version 8, whichever it has.',
      run: () => answerTo(deps, []),
    }),
    route({
      method: 'PUT',
      v8: 'config',
      ...writesAll,
      sentence: 'Replaces the whole content of the file.',
      body: object,
      run: (call) => change(deps, call, [], (before) => ({ ...hidden(before), ...call.body })),
    }),
    route({
      method: 'PATCH',
      v8: 'config',
      ...writesAll,
      sentence: 'Merges into the content of the file: maps deeply, lists and values as a whole.',
      body: object,
      run: (call) =>
        change(deps, call, [], (before) => {
          const next = merged(before, call.body);
          return isGroup(next) ? next : before;
        }),
    }),
    route({
      method: 'DELETE',
      v8: 'config',
      answers: {},
      refuses: { 400: ['cannot_delete_config'] },
      sentence: 'Refused: the whole configuration is not deleted.',
      run: () => refuse(400, 'cannot_delete_config', { code: 'cannot_delete_config' }),
    }),
    route({
      method: 'GET',
      v8: 'config/*path',
      answers: 'treePart',
      headers: ['ETag'],
      refuses: { ...noFile, 400: ['invalid_path'], 404: ['not_found'] },
      sentence: 'The value at a path of the file.',
      run: (call) => answerTo(deps, pathOf(call.parameter('path'))),
    }),
    route({
      method: 'PUT',
      v8: 'config/*path',
      ...writesPlace,
      sentence: 'Replaces the value at a path of the file; the body is the bare value.',
      body: anything,
      run(call) {
        const path = pathOf(call.parameter('path'));
        return change(deps, call, path, (before) => withMember(before, path, call.body));
      },
    }),
    route({
      method: 'PATCH',
      v8: 'config/*path',
      ...writesPlace,
      sentence: 'Merges into the value at a path of the file.',
      body: anything,
      run(call) {
        const path = pathOf(call.parameter('path'));
        return change(deps, call, path, (before) =>
          withMember(before, path, merged(memberAt(before, path), call.body)),
        );
      },
    }),
    route({
      method: 'DELETE',
      v8: 'config/*path',
      ...writesPlace,
      refuses: refusals(writesPlace.refuses, { 404: ['not_found'] }),
      sentence: 'Removes the value at a path of the file, and groups that are empty then.',
      run(call) {
        const path = pathOf(call.parameter('path'));
        return change(deps, call, path, (before) => {
          if (memberAt(before, path) === undefined) throw bad(404, 'not_found');
          return withMember(before, path, undefined);
        });
      },
    }),
  ];
}

/** What a reader was not shown stays. */
function hidden(before: Group): Group {
  return kept.reduce<Group>((value, path) => withMember(value, path, memberAt(before, path)), {});
}
