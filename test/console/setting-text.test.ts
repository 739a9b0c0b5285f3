/** What settings mean in other languages: nearly all of it is translated, and as the English is now. */
import { expect, test } from 'bun:test';
import { markOf } from '../../console/text-mark.ts';
import { settingsZh } from '../../console/words/settings-zh.ts';
import { settingFields } from '../../src/console/settings/setting-fields.ts';

/** Whoever adds a setting need not know Chinese: its English is shown until somebody has translated it. */
const mostMissing = 0.1;
const fields = settingFields({});
const isTranslated = ({ key, description }: (typeof fields)[number]): boolean =>
  settingsZh[key]?.[0] === markOf(description);

test('nine of ten settings are said in Chinese, as their English is now', () => {
  const missing = fields
    .filter((field) => !isTranslated(field))
    .map(({ key, description }) => `${key} (${markOf(description)})`);
  if (missing.length > fields.length * mostMissing)
    throw new Error(`To be translated in console/words/settings-zh.ts: ${missing.join(', ')}`);
  expect(missing.length).toBeLessThanOrEqual(fields.length * mostMissing);
});

test('names and code in a sentence stay as they are written', () => {
  for (const { key, description } of fields.filter(isTranslated)) {
    const codes = (sentence: string) =>
      sentence
        .split('`')
        .filter((_, at) => at % 2 === 1)
        .toSorted();
    expect([key, codes(settingsZh[key]?.[1] ?? '')]).toEqual([key, codes(description)]);
  }
});
