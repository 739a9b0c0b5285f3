/** What an owner may change in an account file over the API: his own fields, by their names and spellings in the file. */
import { contentOf, parseAccount } from '../accounts/account-file.ts';
import { removeMember, setMember } from '../accounts/json-text.ts';
import type { Json, JsonObject } from '../protocols/json.ts';
import { asObject } from '../protocols/json-members.ts';

/** Spellings in files, the one that is written first. Source of the names: the peer's `auth-files/fields`, and docs/accounts.md. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  prefix: ['prefix'],
  proxy_url: ['proxy_url', 'proxy-url'],
  priority: ['priority'],
  weight: ['weight'],
  note: ['note', 'description', 'label'],
  description: ['description', 'note', 'label'],
  label: ['label', 'description', 'note'],
  headers: ['headers'],
  websockets: ['websockets'],
  excluded_models: ['excluded_models', 'excluded-models'],
  model_aliases: ['model_aliases', 'model-aliases'],
  disable_cooling: ['disable_cooling', 'disable-cooling'],
  request_retry: ['request_retry', 'request-retry'],
  request_scoped_errors: ['request_scoped_errors', 'request-scoped-errors'],
  cooldown: ['cooldown'],
  timeouts: ['timeouts'],
  concurrency: ['concurrency'],
  queue: ['queue'],
  budget: ['budget'],
  refresh_interval_seconds: ['refresh_interval_seconds'],
  project_id: ['project_id', 'projects'],
  location: ['location'],
  disabled: ['disabled'],
};

const changeableFields: readonly string[] = Object.keys(spellings);

export type FieldChange = { path: readonly [string, ...string[]]; value: Json };

export type WantedChanges =
  | { ok: true; changes: FieldChange[] }
  | { ok: false; status: number; error: string };

/** The changes that a body asks for; dotted names and `headers` reach single members. */
export function wantedChanges(fields: JsonObject): WantedChanges {
  const changes: FieldChange[] = [];
  for (const [given, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const [name = '', ...below] = given.split('.');
    const field = Object.hasOwn(spellings, given.replaceAll('-', '_')) ? given.replaceAll('-', '_') : name;
    if (!Object.hasOwn(spellings, field))
      return {
        ok: false,
        status: 422,
        error: `field "${given.slice(0, 64)}" cannot be changed here; these can: ${changeableFields.join(', ')}`,
      };
    const members = field === 'headers' && below.length === 0 ? asObject(value) : undefined;
    if (members !== undefined)
      for (const [header, text] of Object.entries(members))
        if (text !== undefined) changes.push({ path: ['headers', header], value: text });
    if (members === undefined) changes.push({ path: field === name ? [field, ...below] : [field], value });
  }
  return changes.length === 0
    ? { ok: false, status: 400, error: 'no fields to update' }
    : { ok: true, changes };
}

export type ChangedText = { ok: true; text: string } | { ok: false; error: string };

/**
 * The text with the changes, all else as it was; an empty text and null remove a field. What the field cannot be is refused
 * with the field's name and what was expected. `file` is the file's name, for its kind.
 */
export function withChanges(file: string, text: string, changes: readonly FieldChange[]): ChangedText {
  let result = text;
  for (const change of changes) result = withChange(result, change);
  const parsed = parseAccount(file, result);
  if (parsed.ok || parsed.problem.key === undefined) return { ok: true, text: result };
  const { key, message } = parsed.problem;
  const changed = changes.some(({ path: [field] }) =>
    (spellings[field] ?? []).includes(key.split('.').at(0) ?? ''),
  );
  return changed
    ? { ok: false, error: message.slice(message.indexOf(': ') + 2) }
    : { ok: true, text: result };
}

function withChange(text: string, { path: [field, ...below], value }: FieldChange): string {
  const content = contentOf(text) ?? {};
  const known = spellings[field] ?? [field];
  const name = known.find((spelling) => content[spelling] !== undefined) ?? known[0] ?? field;
  const [member] = below;
  if (member !== undefined) return withMember(text, content, name, member, value);
  if (!isEmpty(value)) return setMember(text, [name], value);
  let result = text;
  const attributes = asObject(content.attributes) ?? {};
  for (const spelling of known) {
    if (content[spelling] !== undefined) result = removeMember(result, [spelling]);
    if (attributes[spelling] !== undefined) result = removeMember(result, ['attributes', spelling]);
  }
  return result;
}

/** One member of a field that is an object; what names it is compared without regard to capitals where it is a header. */
function withMember(text: string, content: JsonObject, name: string, member: string, value: Json): string {
  const before = asObject(content[name]);
  const same = (key: string) =>
    name === 'headers' ? key.toLowerCase() === member.toLowerCase() : key === member;
  const others = Object.entries(before ?? {}).filter(([key]) => !same(key));
  if (!isEmpty(value)) {
    const whole = Object.fromEntries([...others, [member, value]]);
    return setMember(text, [name], whole);
  }
  if (before === undefined) return text;
  return others.length === 0
    ? removeMember(text, [name])
    : setMember(text, [name], Object.fromEntries(others));
}

const isEmpty = (value: Json): boolean => value === null || value === '';
