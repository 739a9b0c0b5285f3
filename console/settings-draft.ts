/** What is to become of the configuration: changes that are not saved yet. They stay while other pages are open. */
import { computed, signal } from '@preact/signals';
import type {
  Proposal,
  Proposed,
  SavedSettings,
  SettingChange,
  SettingField,
  Settings,
} from '../src/console/settings/wire.ts';
import { ApiError, ask, reasonOf } from './api.ts';

/** As the server has it; undefined until it is asked. */
export const settings = signal<Settings | undefined>(undefined);
export const settingsProblem = signal('');
/** By the key of the setting. */
export const changes = signal<ReadonlyMap<string, SettingChange>>(new Map());
/** The YAML as it is edited; undefined while it is as the file. */
export const editedText = signal<string | undefined>(undefined);
/** What a proposal would come to, while it is looked at before it is saved. */
export const review = signal<{ proposal: Proposal; proposed: Proposed } | undefined>(undefined);
/** Why the last save was not made: the file is another by now. */
export const conflict = signal('');
/** Keys that were saved and come into force with the next start. */
export const waiting = signal<readonly string[]>([]);

export const changeCount = computed(() => changes.value.size + (editedText.value === undefined ? 0 : 1));

export async function readSettings(): Promise<void> {
  try {
    settings.value = await ask<Settings>('settings');
    settingsProblem.value = '';
  } catch (error) {
    settingsProblem.value = reasonOf(error);
  }
}

/** `undefined` takes a change back; null takes the setting out of the file. */
export function want({ key, path, written, default: usual }: SettingField, value: unknown): void {
  const next = new Map(changes.value);
  const asWritten = written?.as === 'value' || written?.as === 'lines' ? written.value : null;
  const isDefault = written === null && value === usual;
  const isSame =
    isDefault || (JSON.stringify(value) === JSON.stringify(asWritten) && written?.as !== 'secret');
  if (value === undefined || isSame) next.delete(key);
  else next.set(key, { path, value });
  changes.value = next;
}

export function wantText(text: string): void {
  editedText.value = text === settings.value?.text ? undefined : text;
}

export function discard(): void {
  changes.value = new Map();
  editedText.value = undefined;
  review.value = undefined;
  conflict.value = '';
}

function proposal(): Proposal {
  return editedText.value === undefined
    ? { changes: [...changes.value.values()] }
    : { text: editedText.value };
}

/** Asks what all that is wanted would come to, for the file as it is now. */
export async function lookAt(given: Proposal = proposal()): Promise<void> {
  const proposed = await ask<Proposed>('settings/look', { method: 'POST', body: given });
  review.value = { proposal: given, proposed };
  conflict.value = '';
}

/** Whether it was saved: not where the file has been changed since it was looked at. */
export async function saveReviewed(): Promise<boolean> {
  const looked = review.value;
  if (looked === undefined) return false;
  try {
    const saved = await ask<SavedSettings>('settings', {
      method: 'PUT',
      body: looked.proposal,
      etag: looked.proposed.etag,
    });
    settle(looked.proposal);
    settings.value = saved.settings;
    waiting.value = [...new Set([...waiting.value, ...saved.atStart])];
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'config_changed') throw error;
    conflict.value = error.message;
    return false;
  }
}

/** Takes what has been saved out of what is wanted; what other pages have changed stays. */
function settle(saved: Proposal): void {
  review.value = undefined;
  conflict.value = '';
  if ('text' in saved) editedText.value = undefined;
  else {
    const keys = new Set(saved.changes.map(({ path }) => path.join('.')));
    changes.value = new Map([...changes.value].filter(([key]) => !keys.has(key)));
  }
}
