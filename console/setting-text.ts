/** What a setting means, in the language of the page. */
import { signal } from '@preact/signals';
import { type Language, language } from './language.ts';
import { markOf, type TranslatedSettings } from './text-mark.ts';

interface Table {
  settings: TranslatedSettings;
  /** What settings take, by the English words for it. */
  expected: Readonly<Record<string, string>>;
}

/** Those of other languages than English are loaded when a page wants them. */
const tables: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Table>>> = {
  async 'zh-CN'() {
    const { settingsZh, expectedZh } = await import('./words/settings-zh.ts');
    return { settings: settingsZh, expected: expectedZh };
  },
};

const loaded = signal<Partial<Record<Language, Table>>>({});

/** Loads them for the language of the page. */
export async function loadSettingTexts(): Promise<void> {
  const wanted = language.value;
  if (wanted === 'en' || loaded.value[wanted] !== undefined) return;
  const table = await tables[wanted]();
  loaded.value = { ...loaded.value, [wanted]: table };
}

/** The English sentence where there is no other one, or only one of a sentence that was. */
export function settingText(key: string, english: string): string {
  const [mark, text] = loaded.value[language.value]?.settings[key] ?? [];
  return text !== undefined && mark === markOf(english) ? text : english;
}

/** What a setting takes: the English words where there are no others. */
export function expectedText(english: string): string {
  return loaded.value[language.value]?.expected[english] ?? english;
}
