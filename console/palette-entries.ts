/** Everything that the palette reaches by its name: pages, what can be done, and the things that pages are about. */
import { signal } from '@preact/signals';
import type { ModelRow } from '../src/console/wire.ts';
import { endCooldown, switchAccount } from './account-actions.ts';
import { go } from './address.ts';
import { ask } from './api.ts';
import { chooseTheme, themes } from './colours.ts';
import { attempt } from './components/notice.ts';
import { type Language, languages, speak, words } from './language.ts';
import { accounts } from './live.ts';
import { pages } from './pages.ts';
import { signOut } from './session.ts';
import { lookAt, readSettings, settings } from './settings-draft.ts';

export interface PaletteEntry {
  text: string;
  run(): void;
}

const models = signal<readonly ModelRow[]>([]);

/** Asks for what pages have not asked for yet: names of models and of settings. */
export function loadEntries(): void {
  if (settings.value === undefined) void readSettings();
  ask<{ models: ModelRow[] }>('models').then(
    (answer) => {
      models.value = answer.models;
    },
    () => undefined,
  );
}

const to = (text: string, page: string): PaletteEntry => ({ text, run: () => go(page) });

/** Those whose text has every word that was typed, pages and what can be done first. */
export function paletteEntries(typed: string): PaletteEntry[] {
  const wanted = typed.toLowerCase().split(/\s+/);
  const id = typed.trim();
  return [
    ...pages.map(({ path, title }) => to(words.value.pages[title], path)),
    ...actions(),
    ...ofAccounts(),
    ...ofModels(),
    ...ofSettings(),
    ...(/^\S{12,}$/.test(id)
      ? [to(`${words.value.request.title} ${id}`, `requests/${encodeURIComponent(id)}`)]
      : []),
  ].filter(({ text }) => wanted.every((word) => text.toLowerCase().includes(word)));
}

function actions(): PaletteEntry[] {
  const w = words.value;
  return [
    to(w.palette.addAccount, 'accounts/add'),
    to(w.palette.newKey, 'keys?new=1'),
    to(w.palette.newRoute, 'models?view=routes&route=%2B'),
    to(w.palette.editYaml, 'settings?view=yaml'),
    to(w.palette.history, 'settings?view=history'),
    ...strategies().map((strategy) => ({
      text: w.palette.strategy(strategy),
      run: () => {
        go('settings?subject=routing');
        void attempt(() => lookAt({ changes: [{ path: ['routing', 'strategy'], value: strategy }] }));
      },
    })),
    ...themes.map((name) => ({ text: `${w.nav.theme}: ${w.theme[name]}`, run: () => chooseTheme(name) })),
    ...Object.entries(languages).map(([code, name]) => ({
      text: `${w.nav.language}: ${name}`,
      run: () => {
        if (isLanguage(code)) void speak(code);
      },
    })),
    { text: w.nav.signOut, run: () => void signOut() },
  ];
}

function isLanguage(code: string): code is Language {
  return Object.hasOwn(languages, code);
}

function strategies(): readonly string[] {
  return settings.value?.fields.find(({ key }) => key === 'routing.strategy')?.choices ?? [];
}

function ofAccounts(): PaletteEntry[] {
  const w = words.value.palette;
  return (accounts.value ?? []).flatMap((row) => [
    to(row.label, `accounts/${encodeURIComponent(row.id)}`),
    ...(row.cooldowns.length > 0
      ? [{ text: w.endCooldown(row.label), run: () => void endCooldown(row) }]
      : []),
    row.state === 'disabled'
      ? { text: w.turnOn(row.label), run: () => void switchAccount(row, false) }
      : { text: w.turnOff(row.label), run: () => void switchAccount(row, true) },
  ]);
}

function ofModels(): PaletteEntry[] {
  const w = words.value.palette;
  return models.value.flatMap(({ id }) => [
    to(w.tryModel(id), `play?model=${encodeURIComponent(id)}`),
    to(w.whoServes(id), `models?text=${encodeURIComponent(id)}`),
  ]);
}

/** Subjects and single settings by their names in the file. */
function ofSettings(): PaletteEntry[] {
  const fields = settings.value?.fields ?? [];
  const w = words.value.settings;
  const title = words.value.pages.settings;
  return [...new Set(fields.map(({ subject }) => subject))]
    .map((subject) => to(`${title}: ${w.subject[subject]}`, `settings?subject=${subject}`))
    .concat(fields.map(({ key }) => to(`${title}: ${key}`, `settings?text=${encodeURIComponent(key)}`)));
}
