/** What a setting means, in the language of the page. */
import { signal } from '@preact/signals';
import { type Language, language } from './language.ts';
import { markOf, type TranslatedSettings } from './text-mark.ts';

/** Those of other languages than English are loaded when a page wants them. */
const tables: Readonly<Record<Exclude<Language, 'en'>, () => Promise<TranslatedSettings>>> = {
  'zh-CN': async () => (await import('./words/settings-zh.ts')).settingsZh,
};

const loaded = signal<Partial<Record<Language, TranslatedSettings>>>({});

/** Loads them for the language of the page. */
export async function loadSettingTexts(): Promise<void> {
  const wanted = language.value;
  if (wanted === 'en' || loaded.value[wanted] !== undefined) return;
  const table = await tables[wanted]();
  loaded.value = { ...loaded.value, [wanted]: table };
}

/** The English sentence where there is no other one, or only one of a sentence that was. */
export function settingText(key: string, english: string): string {
  const [mark, text] = loaded.value[language.value]?.[key] ?? [];
  return text !== undefined && mark === markOf(english) ? text : english;
}
