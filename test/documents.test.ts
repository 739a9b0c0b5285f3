/** Each document's links lead somewhere: to a file of the repository, and to a heading that it has. */
import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dir, '..');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test.each(pages)('%s: every link leads to a file and a heading', (page) => {
  const broken = linksOf(readFileSync(join(root, page), 'utf8')).filter((link) => !leads(page, link));
  expect(broken).toEqual([]);
});

test('every page of docs is reached from the README', () => {
  const reached = new Set<string>();
  const waiting = ['README.md'];
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    if (reached.has(page)) continue;
    reached.add(page);
    for (const link of linksOf(readFileSync(join(root, page), 'utf8'))) {
      const target = relative(root, join(root, dirname(page), link.split('#')[0] ?? ''));
      if (target.endsWith('.md') && existsSync(join(root, target))) waiting.push(target);
    }
  }
  expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
});

function linksOf(text: string): readonly string[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '`');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leads(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const file = path === '' ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(file)) return false;
  return heading === undefined || headingsOf(readFileSync(file, 'utf8')).has(heading);
}

/** The names that GitHub gives to headings. */
function headingsOf(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('what the diffs of CONTRIBUTING.md leave as it is stands in the files that they change', () => {
  const stale: string[] = [];
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  for (const [, file = '', body = ''] of text.matchAll(
    /^ *\+\+\+ b\/(\S+)\n([\s\S]*?)(?=^ *--- |^ *```$)/gm,
  )) {
    if (!existsSync(join(root, file))) {
      stale.push(`${file} is not there`);
      continue;
    }
    const lines = new Set(
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .map((line) => line.trim()),
    );
    const left = body.split('\n').filter((line) => !/^ *\+/.test(line));
    for (const line of left.map((one) => one.trim()))
      if (line !== '' && line !== '…' && !lines.has(line)) stale.push(`${file}: ${line}`);
  }
  expect(stale).toEqual([]);
});

const architecture = readFileSync(join(root, 'docs/internals/architecture.md'), 'utf8');

test('the folders of the architecture page are those of src', () => {
  const named = [...architecture.matchAll(/^\| `(src\/[\w-]+)` \|/gm)].map(([, folder = '']) => folder);
  const present = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `src/${entry.name}`);
  expect(named.toSorted()).toEqual(present.toSorted());
});

test.each(readdirSync(join(root, 'docs/internals')))('%s of the internals names files that exist', (page) => {
  const text = readFileSync(join(root, 'docs/internals', page), 'utf8');
  const named = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/[\w.-]+\.\w+)`/g)].map(([, path = '']) => path);
  const places = ['', 'src', 'docs/internals'];
  expect(named.filter((path) => !places.some((place) => existsSync(join(root, place, path))))).toEqual([]);
});
