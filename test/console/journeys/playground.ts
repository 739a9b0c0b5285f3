/** The playground, in a real browser: four protocols, two models, tools, an image, stopping, limits. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { protocols, spoken } from '../../../console/play/protocols.ts';
import { startChromium } from '../../chromium.ts';
import { consoleHome, goodModel, limitedModel, slowModel } from '../console-home.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

/** One red pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

test('two models answer side by side in each protocol, streamed and whole', async () => {
  await using home = await consoleHome(browser);
  const { page, complaints, barriers } = await home.open();
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await page.getByLabel('Model', { exact: true }).fill(goodModel);
  await page.getByLabel('Second model').fill(limitedModel);
  await page.getByLabel('Prompt (').fill('Good morning');
  const good = page.locator('.answer', { hasText: goodModel });
  const limited = page.locator('.answer', { hasText: limitedModel });
  for (const protocol of protocols)
    for (const stream of [true, false]) {
      await page.getByLabel('Protocol').selectOption({ label: spoken[protocol].title });
      await page.getByLabel('Stream').setChecked(stream);
      await page.getByLabel('Prompt (').press('Control+Enter');
      await good.getByText('done', { exact: true }).waitFor();
      await limited.getByText('failed', { exact: true }).waitFor();
      const answer = await good.locator('.said').last().innerText();
      expect([protocol, stream, answer]).toEqual([protocol, stream, expect.stringContaining('Good morning')]);
      const measures = await good.locator('.measures').innerText();
      expect([protocol, stream, measures]).toEqual([protocol, stream, expect.stringMatching(/\d+ \/ \d+/)]);
      expect(await limited.locator('.problem').innerText()).not.toBe('');
    }
  await good.getByRole('button', { name: 'Raw request' }).click();
  expect(await good.locator('.raw').innerText()).toContain('POST /v1beta/models/');
  await good.getByRole('button', { name: 'Raw response' }).click();
  expect(await good.locator('.raw').innerText()).toContain('"usageMetadata"');
  expect(await barriers()).toEqual([]);
  // The refusal of a provider is the browser's only complaint: a status of 429 is one to it.
  expect(complaints.filter((line) => !line.includes('429'))).toEqual([]);
  await good.getByRole('link', { name: 'Show the request' }).click();
  await page.locator('.waterfall').getByText('steady').waitFor();
});

test('tools, an image and a system prompt arrive in each protocol', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo(`play?model=${goodModel}`);
  await page.getByText('System prompt, effort').click();
  const answer = page.locator('.answer');
  for (const protocol of protocols) {
    await page.getByLabel('Protocol').selectOption({ label: spoken[protocol].title });
    await page.getByLabel('System prompt').fill('Speak like a pirate');
    await page.getByLabel('Image').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: pixel });
    await page.locator('.thumb').waitFor();
    await page.getByLabel('Tools, as JSON').fill('');
    await page.getByLabel('Prompt (').fill('say system');
    await page.getByRole('button', { name: 'Send' }).click();
    await answer.getByText('done', { exact: true }).waitFor();
    await answer.getByText('Speak like a pirate').waitFor();
    await page.getByLabel('Prompt (').fill('What is this?');
    await page.getByRole('button', { name: 'Send' }).click();
    await answer.getByText(/image/i).first().waitFor();
    await page
      .getByLabel('Tools, as JSON')
      .fill(
        JSON.stringify([
          { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
        ]),
      );
    await page.getByLabel('Prompt (').fill('call weather with {"city":"Rome"}');
    await page.getByRole('button', { name: 'Send' }).click();
    await answer.getByText(/weather.*Rome/).waitFor();
  }
  await page.getByLabel('Tools, as JSON').fill('{');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.notice', { hasText: 'Tools, as JSON' }).waitFor();
});

test('a long answer is stopped, and the gateway sees it', async () => {
  await using home = await consoleHome(browser);
  const { page, goTo } = await home.open();
  await goTo(`play?model=${slowModel}`);
  await page.getByLabel('Prompt (').fill('say 2000 words');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('word3').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.locator('.answer').getByText('stopped', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Show the request' }).click();
  await page.getByText('client-gone').first().waitFor();
});

test('asked as a client key its limits hold, and no key comes to the page', async () => {
  const secret = 'key-of-ann-0123456789abcdef';
  await using home = await consoleHome(browser, {
    'api-keys': [{ key: secret, name: 'ann', 'requests-per-minute': 1 }],
  });
  const { page, goTo, complaints } = await home.open();
  await goTo(`play?model=${goodModel}`);
  await page.getByLabel('Send as').selectOption({ label: 'the client key ann, with its limits' });
  await page.getByLabel('Prompt (').fill('Hello');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.answer').getByText('done', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.answer').getByText('failed', { exact: true }).waitFor();
  expect(await page.locator('.answer .problem').innerText()).toMatch(/minute/);
  expect(await page.content()).not.toContain(secret);
  await goTo('requests');
  await page.locator('.request-line .key', { hasText: 'ann' }).first().waitFor();
  expect(complaints.filter((line) => !line.includes('429'))).toEqual([]);
});
