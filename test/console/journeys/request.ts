/** One request on its page: as a line for a terminal, with what was kept of it, and asked again. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { startChromium } from '../../chromium.ts';
import { type ConsoleHome, consoleHome, goodModel } from '../console-home.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

async function asked(home: ConsoleHome): Promise<string> {
  const answer = await fetch(`${home.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': home.clientKey },
    body: JSON.stringify({
      model: goodModel,
      max_tokens: 100,
      messages: [{ role: 'user', content: "What's in it?" }],
    }),
  });
  await answer.text();
  return answer.headers.get('x-request-id') ?? '';
}

/** What the page has put on the clipboard, with a real key in the place of the word for one. */
async function copied(page: Page, home: ConsoleHome): Promise<string> {
  const text = await page.evaluate<string>('navigator.clipboard.readText()');
  return text.replaceAll('YOUR_CLIENT_KEY', home.clientKey);
}

async function run(line: string): Promise<{ status: number; text: string }> {
  // The sandbox is in this process: it has to go on meanwhile.
  const curl = Bun.spawn(['sh', '-c', `${line} -s -m 60 -w '\\n%{http_code}'`]);
  const [, text = '', status = ''] = /^([\s\S]*)\n(\d+)$/.exec(await curl.stdout.text()) ?? [];
  return { status: Number(status), text };
}

const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] };

test('a request is copied as curl with its own body where that is kept, and is answered again', async () => {
  await using home = await consoleHome(browser, { 'request-log': true });
  const id = await asked(home);
  const { page, complaints, barriers, goTo } = await home.open(clipboard);
  await goTo(`requests/${id}`);
  await page.getByText('Body of the client').waitFor();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByText('Copied').waitFor();
  const line = await copied(page, home);
  expect(line).toContain("What'\\''s in it?");
  expect((await run(line)).status).toBe(200);
  await page.getByText('Body of the client').click();
  await page.locator('.kept[open] .raw', { hasText: "What's in it?" }).waitFor();
  await page.getByText('Request 1 to a provider').click();
  await page.locator('.kept[open] .raw', { hasText: '/v1/chat/completions' }).waitFor();
  expect(await page.content()).not.toContain(home.clientKey);
  expect(complaints).toEqual([]);
  expect(await barriers()).toEqual([]);
});

test('without a kept body the line asks the same model in the same protocol', async () => {
  await using home = await consoleHome(browser);
  const id = await asked(home);
  const { page, complaints, goTo } = await home.open(clipboard);
  await goTo(`requests/${id}`);
  await page.getByText(/Stored with request-log: true/).waitFor();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByText('Copied').waitFor();
  const line = await copied(page, home);
  expect(line).toContain('/v1/messages');
  const answer = await run(line);
  expect([answer.status, answer.text.includes('"type":"message"')]).toEqual([200, true]);
  await page.getByRole('link', { name: 'Try again in the playground' }).click();
  await page.getByLabel('Prompt (Ctrl Enter sends)').fill('Hello');
  expect(await page.getByLabel('Model', { exact: true }).inputValue()).toBe(goodModel);
  expect(await page.getByLabel('Protocol').inputValue()).toBe('anthropic-messages');
  await page.keyboard.press('Control+Enter');
  const own = page.getByRole('region', { name: goodModel });
  await own.getByText('done', { exact: true }).waitFor();
  const first = await own.getByRole('link').getAttribute('href');
  await own.getByRole('button', { name: 'Ask again' }).click();
  await page.locator(`section.answer a:not([href="${first}"])`).first().waitFor();
  await own.getByText('done', { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});
