/** The page about models, in a real browser: who serves one, for whom, and names of one's own. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { parse } from 'yaml';
import { startChromium } from '../../chromium.ts';
import { consoleHome, goodModel, limitedModel } from '../console-home.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

test('a name of one’s own is made with a fallback and a rule, used, renamed, taken away', async () => {
  await using home = await consoleHome(browser);
  const said = () => parse(readFileSync(join(home.path, 'config.yaml'), 'utf8'))['model-routes'];
  const { page, complaints, goTo, barriers } = await home.open();
  await goTo('models?view=routes');
  await page.getByRole('button', { name: 'New route' }).click();
  await page.getByLabel('Name that clients ask for').fill('smart');
  await page.getByLabel('Model', { exact: true }).fill(limitedModel);
  await page.getByRole('button', { name: 'Add a fallback' }).click();
  await page.getByLabel('Fallback 1').fill(goodModel);
  await page.getByLabel('Effort of model 2').fill('low');
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('has images').selectOption('yes');
  await page.getByLabel('Model', { exact: true }).last().fill(goodModel);
  expect(await barriers()).toEqual([]);
  await save(page);
  expect(said()).toEqual({
    smart: {
      models: [limitedModel, { model: goodModel, effort: 'low' }],
      rules: [{ when: 'images', models: goodModel }],
    },
  });
  expect(await home.ask('smart')).toBe(200);
  await page.getByRole('button', { name: 'Edit smart' }).click();
  await page.getByRole('button', { name: 'Remove rule 1' }).click();
  await page.getByRole('button', { name: `Move ${goodModel} up` }).click();
  await page.getByLabel('Name that clients ask for').fill('clever');
  await save(page);
  expect(said()).toEqual({ clever: [{ model: goodModel, effort: 'low' }, limitedModel] });
  await page.getByRole('button', { name: 'Remove clever' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('None yet.').waitFor();
  expect(said() ?? {}).toEqual({});
  expect(complaints).toEqual([]);
});

test('a circle is refused in words, and nothing is written', async () => {
  await using home = await consoleHome(browser, { 'model-routes': { one: 'two', two: goodModel } });
  const { page, goTo } = await home.open();
  await goTo('models?view=routes&route=two');
  await page.getByLabel('Model', { exact: true }).fill('one');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByText('circle').waitFor();
  expect(await page.getByRole('dialog').getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
});

test('who would serve a model is said for a key, by its limits and permissions', async () => {
  await using home = await consoleHome(browser, {
    'api-keys': [
      { key: 'key-of-ann-0123456789', name: 'ann', models: [goodModel], 'requests-per-minute': 9 },
    ],
  });
  const { page, goTo, complaints } = await home.open();
  await goTo('models');
  await page.getByLabel('Explain for').selectOption('ann');
  await page.getByRole('button', { name: new RegExp(`^${goodModel}`) }).click();
  await page.getByText('ann: 1 of 1 that it may use are ready').waitFor();
  await page.getByRole('button', { name: new RegExp(`^${limitedModel}`) }).click();
  await page.getByText('ann may not use this model').waitFor();
  expect(complaints).toEqual([]);
});
