/** Ctrl K: every page, and what can be done, by its name and by the keyboard alone. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startChromium } from '../chromium.ts';
import { eventually } from '../eventually.ts';
import { consoleHome, goodModel, limitedModel } from './console-home.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

test('the palette reaches pages, models, settings, and does what they do', async () => {
  await using home = await consoleHome(browser);
  await home.ask(limitedModel);
  const { page, complaints, barriers } = await home.open();
  const choose = async (typed: string, shown: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(typed);
    await page.locator('.palette [role=option]', { hasText: shown }).first().waitFor();
    await page.keyboard.press('Enter');
  };
  await choose('playg', 'Playground');
  await page.waitForURL('**/console/play');
  await choose(`try ${goodModel}`, `Try ${goodModel} in the playground`);
  await page.waitForURL(`**/console/play?model=${goodModel}`);
  await choose('yaml', 'Edit the configuration as YAML');
  await page.waitForURL('**/console/settings?view=yaml');
  await choose('earlier', 'Restore an earlier configuration');
  await page.waitForURL('**/console/settings?view=history');
  await choose('model route', 'Add a model route');
  await page.getByLabel('Name that clients ask for').waitFor();
  await choose('make client', 'Make a client key');
  await page.getByLabel('Name', { exact: true }).waitFor();
  await choose('session-affinity-ttl', 'routing.session-affinity-ttl');
  await page.getByLabel('routing.session-affinity-ttl').waitFor();
  await choose('strategy fill', 'Switch the strategy to fill-first');
  await page.getByRole('dialog').locator('.diff .new', { hasText: 'fill-first' }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).press('Enter');
  const said = () => parse(readFileSync(join(home.path, 'config.yaml'), 'utf8'));
  await eventually(() => said().routing?.strategy === 'fill-first');
  await choose('end cooldown limited', 'End the cooldown of limited');
  await page.getByText('The cooldown is over.').waitFor();
  await page.keyboard.press('Control+k');
  expect(await barriers()).toEqual([]);
  expect(complaints).toEqual([]);
});
