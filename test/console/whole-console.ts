/** `npm run test:console`: every page at both widths, in both colours and in every language. */
import { expect, test } from 'bun:test';
import { startChromium } from '../chromium.ts';
import { consoleHome, goodModel, hostile, limitedModel } from './console-home.ts';
import { faultsOf, looks } from './every-page.ts';

test.each(['en', 'zh-CN'])('every page in %s, in every look', async (locale) => {
  const browser = await startChromium();
  try {
    await using home = await consoleHome(browser);
    for (const model of [goodModel, limitedModel, `model ${hostile}`, 'missing']) await home.ask(model);
    const seen = Object.values(looks).map((look) => ({ ...look, locale }));
    expect(await faultsOf(home, seen)).toEqual([]);
  } finally {
    await browser.close();
  }
});
