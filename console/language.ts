/** The language of the page, and its words: English is always there, another is loaded when it is chosen. */
import { signal } from '@preact/signals';
import { en, type Words } from './words/en.ts';

export const languages = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof languages;

export const language = signal<Language>('en');
/** The words of the page. */
export const words = signal<Words>(en);

const kept = 'console-language';

export async function speak(next: Language): Promise<void> {
  words.value = next === 'en' ? en : (await import('./words/zh.ts')).zh;
  language.value = next;
  document.documentElement.lang = next;
  localStorage.setItem(kept, next);
}

function isLanguage(text: string): text is Language {
  return Object.hasOwn(languages, text);
}

const wanted = localStorage.getItem(kept) ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
if (isLanguage(wanted) && wanted !== 'en') void speak(wanted);
