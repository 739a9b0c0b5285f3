/** Every text that the gateway gives the console is hostile at once, on every page: names, errors, headers, logs, notes, all of it. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { startChromium } from '../../chromium.ts';
import { consoleHome, goodModel, limitedModel, type WatchedPage } from '../console-home.ts';
import { looks, pagePaths } from '../every-page.ts';

setDefaultTimeout(300_000);

const browser = await startChromium();
afterAll(() => browser.close());

/** Markup, attributes, addresses, styles and templates that would run; marks that hide or turn; a word that never ends. */
const texts = [
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)><animate onbegin=alert(1) attributeName=x>',
  '"><script>alert(1)</script>',
  "' onfocus=alert(1) autofocus x='",
  '</title></textarea></style></script><iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a><form action="javascript:alert(1)"><button>x</button></form>',
  '<style>*{display:none!important}</style><link rel=stylesheet href=//evil.example>',
  '<base href="//evil.example/"><meta http-equiv=refresh content="0;url=//evil.example">',
  '*{display:none!important} ${alert(1)} {{constructor.constructor("alert(1)")()}} <!-- ]]> --> %3Cimg%3E &lt;img&gt;',
  'ann\u202enimda\u2066\u200b\u0000\u0007\u001b[31m\ufeff\u{e0041}',
  'W'.repeat(400),
];

/**
 * All that the page reads goes through JSON.parse. What a page decides by (kinds, states) stays, as do times and amounts; addresses
 * become scripts.
 */
const spoil = `{
  const parse = JSON.parse;
  const added = ' ' + ${JSON.stringify(texts.join(' '))};
  const decided = new Set(['state', 'kind', 'role', 'as', 'limit', 'level', 'status', 'protocol', 'client', 'subject', 'result', 'window', 'code', 'billing', 'counted', 'strategy', 'inputs', 'ways', 'etag', 'next', 'before']);
  const isAmount = (text) => /^-?\\d+(\\.\\d+)?$/.test(text) || /^\\d{4}-\\d\\d-\\d\\dT/.test(text);
  const spoiled = (value, name) => {
    if (typeof value === 'string') {
      if (decided.has(name) || isAmount(value) || value === '') return value;
      return /^(url|address|baseUrl|page|link|href)$/i.test(name) ? 'javascript:alert(1)//' + added : value + added;
    }
    if (Array.isArray(value)) return value.map((one) => spoiled(one, name));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoiled(one, key)]));
    return value;
  };
  JSON.parse = (text, ...rest) => { const value = parse(text, ...rest); return window.spoils ? spoiled(value, '') : value; };
  window.spoils = true;
}`;

/** What is wrong with the page that is open. */
async function faultsOf({ page, complaints }: WatchedPage): Promise<string[]> {
  const found = await page.evaluate<string[]>(String.raw`[
    ...[...document.querySelectorAll('img, iframe, object, embed, base, meta[http-equiv=refresh], main script, main style, main link, main form[action], animate')].map((one) => 'element ' + one.outerHTML.slice(0, 80)),
    ...[...document.querySelectorAll('*:not(link[rel=icon])')].flatMap((one) => [...one.attributes].filter(({ name, value }) => name.startsWith('on') || name === 'srcdoc' || (['href', 'src', 'action', 'formaction', 'data'].includes(name) && /^\s*(javascript|data|vbscript):/i.test(value))).map(({ name, value }) => 'attribute ' + name + '=' + value.slice(0, 60))),
    ...(document.body.innerText.match(/.{0,20}[\u202a-\u202e\u2066-\u2069\u200b\u0007\u001b].{0,20}/gu) ?? []).map((text) => 'hidden ' + text),
    ...[...document.querySelectorAll('[title], [aria-label]')].filter((one) => /[\u202a-\u202e\u2066-\u2069\u200b]/u.test((one.title ?? '') + one.ariaLabel)).map((one) => 'hidden in a name of ' + one.tagName),
    ...(document.documentElement.scrollWidth > innerWidth ? [document.documentElement.scrollWidth - innerWidth + ' px wider than the screen: ' + [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).slice(0, 6).map((one) => one.tagName + '.' + one.className).join(' ')] : []),
    ...(getComputedStyle(document.body).display === 'none' ? ['its styles are another one\'s'] : []),
  ]`);
  // What is asked for by a name that has been spoiled is not found.
  const unexpected = complaints.splice(0).filter((line) => !line.includes('status of 404'));
  return [...new Set([...found, ...unexpected])];
}

/** What a person does on a page, so that what is folded away is drawn, too. */
const unfolded: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  keys: async (page) => {
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('button', { name: 'Change' }).first().click();
    await page.getByRole('button', { name: 'Use it in a client' }).first().click();
  },
  models: async (page) => page.locator('.model-line').first().click(),
  accounts: async (page) => page.locator('.account-card input[type=checkbox]').first().check(),
  '': async (page) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('a');
  },
};

test.each(['wideLight', 'narrowDark'] as const)(
  'every text of every page is hostile, %s: it is text',
  async (look) => {
    await using home = await consoleHome(browser, {
      'request-log': true,
      'model-routes': { smart: [goodModel, limitedModel] },
    });
    for (const model of [goodModel, limitedModel, 'missing']) await home.ask(model);
    const watched = await home.open(looks[look]);
    const { page, goTo } = watched;
    const details: string[] = [];
    for (const [list, row, fewest] of [
      ['accounts', '.account-card a', 2],
      ['requests', 'a.request-line', 3],
    ] as const) {
      await goTo(list);
      await page
        .locator(row)
        .nth(fewest - 1)
        .waitFor();
      details.push(
        ...(await page
          .locator(row)
          .evaluateAll((links) => links.map((link) => String(Reflect.get(link, 'pathname'))))),
      );
    }
    expect(details.length).toBeGreaterThan(4);
    await page.addInitScript(spoil);
    const faults: string[] = [];
    for (const path of [...pagePaths, ...details.map((one) => one.replace(/^\/console\//, ''))]) {
      await goTo(path);
      await page.locator('main').waitFor();
      faults.push(...(await faultsOf(watched)).map((line) => `/${path}: ${line}`));
      const unfold = unfolded[path];
      if (unfold === undefined) continue;
      await unfold(page);
      faults.push(...(await faultsOf(watched)).map((line) => `/${path}, unfolded: ${line}`));
    }
    expect(faults).toEqual([]);
  },
);
