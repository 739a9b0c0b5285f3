/** The configuration file as the routes read and change it; a change is answered when it is in force. */
import { expandEnvironment } from '../config/environment.ts';
import { type Group, isGroup } from '../config/group.ts';
import { type ConfigProblem, formatProblem, withoutFound } from '../config/load.ts';
import type { Change, ConfigCheck, ConfigFile, LoadedConfig } from '../config-file/config-file.ts';
import type { ShapeName } from './answer-shapes.ts';
import { BadInput } from './bad-input.ts';
import { configRefusals, type Refusals, refusals } from './error-codes.ts';
import { json, type Reply, refuse } from './reply.ts';
import type { AnswerHeader, Asked, Caller } from './route.ts';

/** The file of the running gateway. */
export interface ManagedConfig {
  /** Loaded when it is needed. */
  file(): Promise<ConfigFile>;
  /** What is in force. */
  inForce(): LoadedConfig;
}

/** What `${NAME}` in the file means. */
export type Variables = LoadedConfig['variables'];

export interface ManagedConfigDeps {
  /** Undefined where the gateway runs without a file. */
  configFile: () => ManagedConfig | undefined;
}

/** Throws {@link BadInput} where there is no file. */
export function fileOf({ configFile }: ManagedConfigDeps): ManagedConfig {
  const found = configFile();
  if (found === undefined)
    throw new BadInput(refuse(409, 'this gateway runs without a config file', { code: 'no_config_file' }));
  return found;
}

/** The contents of the file in force. */
export function contentsInForce(deps: ManagedConfigDeps): Group {
  const { contents } = fileOf(deps).inForce();
  return isGroup(contents) ? contents : {};
}

/** A value of the file with variables filled in. */
export function expandedValue(value: unknown, env: Variables): unknown {
  if (typeof value === 'string') {
    const expansion = expandEnvironment(value, env);
    return expansion.ok ? expansion.text : value;
  }
  if (Array.isArray(value)) return value.map((entry) => expandedValue(entry, env));
  if (!isGroup(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expandedValue(member, env)]));
}

export function author(asked: Pick<Asked, 'caller' | 'request'>, what: string) {
  return { who: nameOf(asked.caller), what, ifMatch: asked.request.headers.get('if-match') ?? undefined };
}

function nameOf({ key, address }: Caller): string {
  return `management API (${key}${address === undefined ? '' : ` from ${address}`})`;
}

/** The description of a route that changes the file: its answer, the version of the file beside it, and its refusals. */
export function writes(
  refuses: Refusals = {},
  answers: ShapeName = 'done',
): { answers: ShapeName; headers: readonly AnswerHeader[]; refuses: Refusals } {
  return { answers, headers: ['ETag'], refuses: refusals(configRefusals, refuses) };
}

/** Changes the contents of the file, and answers `{"status":"ok"}` once they are in force. `what`: names, no secrets. */
export async function changed(
  deps: ManagedConfigDeps,
  asked: Pick<Asked, 'caller' | 'request'>,
  what: string,
  change: (contents: Group) => Group,
  more: { check?: ConfigCheck; body?: unknown } = {},
): Promise<Reply> {
  const file = await fileOf(deps).file();
  return answered(file.edit(change, author(asked, what), more.check), what, more.body);
}

/** The answer to a change. */
export async function answered(
  making: Promise<Change>,
  what: string,
  body: unknown = { status: 'ok' },
): Promise<Reply> {
  let change: Change;
  try {
    change = await making;
  } catch (error) {
    if (error instanceof BadInput) throw error;
    return refuse(500, 'reload_failed', {
      code: 'reload_failed',
      message: `the file is written, but could not be put into force: ${String(error)}`,
    });
  }
  if (!change.ok) return refusalOf(change);
  const reply = json(body, { changed: change.changed ? what : undefined });
  reply.response.headers.set('etag', change.etag);
  return reply;
}

/** What is wrong, a line each; of what was sent nothing is repeated, as it may be a secret in the wrong place. */
export function problemsText(problems: readonly ConfigProblem[]): string {
  return problems.map((problem) => formatProblem({ ...withoutFound(problem), file: '' })).join('\n');
}

function refusalOf(change: Extract<Change, { ok: false }>): Reply {
  switch (change.reason) {
    case 'changed': {
      const reply = refuse(412, 'the config was changed meanwhile: read it again', {
        code: 'config_changed',
      });
      reply.response.headers.set('etag', change.etag);
      return reply;
    }
    case 'invalid':
      return refuse(422, 'invalid_config', {
        code: 'invalid_config',
        message: problemsText(change.problems),
      });
    case 'refused':
      return refuse(422, 'invalid_config', { code: 'invalid_config', message: change.sentence });
    case 'unreadable':
      return refuse(409, 'config_unreadable', { code: 'config_unreadable', message: change.sentence });
    case 'unwritable':
      return refuse(409, `failed to save config: ${change.sentence}`, { code: 'config_unwritable' });
    case 'no-version':
      return refuse(404, change.sentence, { code: 'version_not_found' });
  }
}
