import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPage, pageNames } from './page-names.ts';

test("the pages of the browser's table are those that the server knows", () => {
  const table = readFileSync(join(import.meta.dir, '../../console/pages.ts'), 'utf8');
  const views = [...table.matchAll(/\bpath: '([^']*)'/g)].map(([, path]) => path);
  expect(views).toEqual([...pageNames]);
});

test.each([...pageNames, 'requests/019ae1', 'accounts/add', 'accounts/claude%2Fada'])(
  '"%s" is a page',
  (path) => {
    expect(isPage(path)).toBe(true);
  },
);

test.each(['nope', 'requests/', 'requests/a/b', 'keys/a', 'Requests', '/', 'a/b/c/d/e/f/g', 'constructor'])(
  '"%s" is none',
  (path) => {
    expect(isPage(path)).toBe(false);
  },
);
