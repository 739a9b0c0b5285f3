/** The configuration file as the console's pages read and change it: looked at first, then written, with no secret in what they get. */
import { expandEnvironment } from '../../config/environment.ts';
import { type Group, isGroup } from '../../config/group.ts';
import { type ConfigProblem, type ConfigWarning, parseConfigYielding } from '../../config/load.ts';
import { problemInLine } from '../../config/problem.ts';
import type { Author, Change, ConfigFile, LoadedConfig } from '../../config-file/config-file.ts';
import { editedYielding } from '../../config-file/edit-text.ts';
import { memberAt, settingIn, withSetting } from '../../config-file/layout.ts';
import type { ManagedConfig } from '../../management/managed-config.ts';
import { createSecretMask } from './secret-mask.ts';
import { settingFields } from './setting-fields.ts';
import type {
  ComparedVersion,
  ConfigNote,
  Proposal,
  Proposed,
  SavedSettings,
  SettingChange,
  Settings,
} from './wire.ts';

/** A sentence, with what went wrong in a word. */
export interface Refused {
  status: number;
  code: string;
  error: string;
}

type Result<Value> = { ok: true; value: Value } | ({ ok: false } & Refused);

export interface ConfigDesk {
  settings(): Promise<Settings>;
  /** What a proposal would make of the file that is there. */
  look(proposal: Proposal): Promise<Result<Proposed>>;
  /** Makes it, where the file still is the one with this `etag`. */
  save(proposal: Proposal, etag: string, who: string): Promise<Result<SavedSettings>>;
  /** A kept version, beside what the file holds now; undefined where none has this id. */
  version(id: string): Promise<ComparedVersion | undefined>;
}

/** `key` makes the placeholders of secrets: with the same key they stay valid over a restart, and on every replica. */
export function createConfigDesk({ file: open, inForce }: ManagedConfig, key: Uint8Array): ConfigDesk {
  const mask = createSecretMask(key);

  async function parsed(text: string, file: ConfigFile) {
    return parseConfigYielding(text, { file: file.path, env: inForce().variables });
  }

  async function settings(): Promise<Settings> {
    const file = await open();
    const { text, etag } = await file.read();
    const result = await parsed(text, file);
    // Of a file that does not load, what is in force is shown: it still is.
    const { contents } = result.ok ? result : inForce();
    const known = isGroup(contents) ? contents : {};
    const routes = settingIn(known, ['model-routes']);
    return {
      file: file.path,
      etag,
      text: await mask.masked(text),
      fields: settingFields(known),
      routes: isGroup(routes) ? routes : {},
      problems: result.ok ? [] : result.problems.map(noteOf),
      warnings: result.ok ? result.warnings.map(noteOf) : [],
    };
  }

  /** The text that a proposal makes of another. */
  async function made(proposal: Proposal, before: string): Promise<Result<string>> {
    if ('text' in proposal) {
      const { text, unknown } = await mask.unmasked(proposal.text, before);
      return unknown.length === 0
        ? { ok: true, value: text }
        : refused(
            422,
            'unknown_secret',
            `line ${unknown.join(', ')}: the placeholder of a secret matches none in the file. Write the secret itself, or reload the file.`,
          );
    }
    const { variables } = inForce();
    const expanded = (written: string): string => {
      const expansion = expandEnvironment(written, variables);
      return expansion.ok ? expansion.text : written;
    };
    const edit = await editedYielding(
      before,
      (contents) => proposal.changes.reduce(changedBy, contents),
      expanded,
    );
    if (edit.ok) return { ok: true, value: edit.text };
    return edit.reason === 'unreadable'
      ? refused(
          409,
          'unreadable',
          'The file is no valid YAML now: repair it in the YAML, or restore a version of it.',
        )
      : refused(
          409,
          'unfit',
          'The file is written in a way that this change has no place in: make it in the YAML.',
        );
  }

  async function look(proposal: Proposal): Promise<Result<Proposed>> {
    const file = await open();
    const { text, etag } = await file.read();
    const next = await made(proposal, text);
    if (!next.ok) return next;
    const result = await parsed(next.value, file);
    return {
      ok: true,
      value: {
        etag,
        before: await mask.masked(text),
        after: await mask.masked(next.value),
        problems: result.ok ? [] : result.problems.map(noteOf),
        warnings: result.ok ? result.warnings.map(noteOf) : [],
        atStart: result.ok ? waitingKeys(inForce(), result) : [],
      },
    };
  }

  async function save(proposal: Proposal, etag: string, who: string): Promise<Result<SavedSettings>> {
    const file = await open();
    const now = await file.read();
    if (now.etag !== etag) return changedMeanwhile(file);
    const next = await made(proposal, now.text);
    if (!next.ok) return next;
    const before = inForce();
    const author: Author = { who, what: whatOf(proposal), ifMatch: etag };
    let change: Change;
    try {
      change = await file.replace(next.value, author);
    } catch (error) {
      return refused(
        500,
        'reload_failed',
        `The file is written, but could not be put into force: ${String(error)}`,
      );
    }
    if (!change.ok) return change.reason === 'changed' ? changedMeanwhile(file) : refusalOf(change);
    return {
      ok: true,
      value: { settings: await settings(), atStart: waitingKeys(before, change.config) },
    };
  }

  return {
    settings,
    look,
    save,
    async version(id) {
      const file = await open();
      const version = await file.version(id);
      if (version === undefined) return undefined;
      const { text } = await file.read().catch(() => ({ text: '' }));
      return { text: await mask.masked(version.text), current: await mask.masked(text) };
    },
  };
}

function changedBy(contents: Group, { path, value }: SettingChange): Group {
  return withSetting(contents, path, value === null ? undefined : value);
}

function noteOf({ line, key, message, ...rest }: ConfigProblem | ConfigWarning): ConfigNote {
  return { line, key, message, hint: rest.hint ?? null };
}

/** Names, never values: they are listed with the versions. */
function whatOf(proposal: Proposal): string {
  return 'text' in proposal
    ? 'config.yaml: the whole file'
    : proposal.changes.map(({ path }) => path.join('.')).join(', ');
}

/** Keys that differ, of those that come into force with the next start. */
function waitingKeys(before: LoadedConfig, after: LoadedConfig): string[] {
  return settingFields({})
    .filter(
      ({ atStart, path }) =>
        atStart && !Bun.deepEquals(memberAt(before.config, path), memberAt(after.config, path)),
    )
    .map(({ key }) => key);
}

function refused(status: number, code: string, error: string): { ok: false } & Refused {
  return { ok: false, status, code, error };
}

function refusalOf(change: Extract<Change, { ok: false }>): { ok: false } & Refused {
  switch (change.reason) {
    case 'changed':
      return refused(412, 'config_changed', 'The file was changed meanwhile.');
    case 'invalid':
      return refused(422, 'invalid_config', change.problems.map(problemInLine).join('\n'));
    case 'refused':
      return refused(422, 'invalid_config', change.sentence);
    case 'unreadable':
    case 'unwritable':
      return refused(409, `config_${change.reason}`, change.sentence);
    case 'no-version':
      return refused(404, 'version_not_found', change.sentence);
  }
}

/** By whom, and when: what this program has written is among the versions. */
async function changedMeanwhile(file: ConfigFile): Promise<{ ok: false } & Refused> {
  const [newest] = await file.versions();
  const by = newest?.current ? `by ${newest.who}, at ${newest.time} (${newest.what})` : 'by an editor';
  return refused(412, 'config_changed', `The file was changed meanwhile ${by}.`);
}
