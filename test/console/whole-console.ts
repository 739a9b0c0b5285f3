/** `npm run test:console`: every page at both widths, in both colours and in every language. */
import { expect, test } from 'bun:test';
import { startChromium } from '../chromium.ts';
import { consoleHome, goodModel, hostile, limitedModel } from './console-home.ts';
import { faultsOf, looks } from './every-page.ts';

test('every page of a gateway that has no account, no key and no request yet', async () => {
  const browser = await startChromium();
  try {
    await using home = await consoleHome(browser, { 'openai-compatibility': [], 'api-keys': [] });
    expect(await faultsOf(home, [looks.wideDark, looks.narrowLight], true)).toEqual([]);
    const { page, goTo } = await home.open();
    for (const [path, said] of [
      ['', 'No account yet, so no request can be served.'],
      ['accounts', 'No account and no key yet.'],
      ['keys', 'No key yet: anyone on this computer may use the gateway.'],
      ['requests', 'No request yet. Send the first one:'],
      ['usage', 'Nothing was used in this time.'],
      ['models', 'No model matches.'],
    ] as const) {
      await goTo(path);
      await page.locator('main').getByText(said).waitFor();
    }
  } finally {
    await browser.close();
  }
});

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
