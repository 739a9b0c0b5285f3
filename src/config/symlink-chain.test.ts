import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concerns, symlinkChain } from './symlink-chain.ts';

let root = '';

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A tree of directories, empty files and, as `name -> target`, links. */
function tree(...entries: string[]): void {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'file-way-')));
  for (const entry of entries) {
    const [name = '', target] = entry.split(' -> ');
    if (target !== undefined) symlinkSync(target.replace('ROOT', root), join(root, name));
    else if (name.endsWith('/')) mkdirSync(join(root, name), { recursive: true });
    else writeFileSync(join(root, name), '');
  }
}

/** The places on the way to the file, as `directory: names`, both under the root of the tree. */
async function wayTo(file: string): Promise<string[]> {
  const places = await symlinkChain(join(root, file));
  for (const [identity, { directory }] of places) {
    const { dev, ino } = statSync(directory);
    expect(identity).toBe(`${dev}:${ino}`);
  }
  return [...places.values()].map(
    ({ directory, names }) => `${directory.slice(root.length)}/: ${[...names].toSorted().join(' ')}`,
  );
}

test('without links: the directory of the file, and its name', async () => {
  tree('a/', 'a/config.yaml');
  expect(await wayTo('a/config.yaml')).toEqual(['/a/: config.yaml']);
});

test('a file that is not there yet has the place where it will be; one without a directory has none', async () => {
  tree('a/');
  expect(await wayTo('a/config.yaml')).toEqual(['/a/: config.yaml']);
  expect(await wayTo('b/config.yaml')).toEqual([]);
});

test('the links of Kubernetes: the one that is swapped is on the way, and what it leads to', async () => {
  tree('m/', 'm/v1/', 'm/v1/config.yaml', 'm/..data -> v1', 'm/config.yaml -> ..data/config.yaml');
  expect(await wayTo('m/config.yaml')).toEqual(['/m/: ..data config.yaml v1', '/m/v1/: config.yaml']);
});

test('links that lead to links, absolute ones too', async () => {
  tree('a/', 'b/', 'b/one -> two', 'b/two -> three', 'b/three', 'a/config.yaml -> ROOT/b/one');
  expect(await wayTo('a/config.yaml')).toEqual(['/a/: config.yaml', '/b/: one three two']);
});

test('.. goes up from where a link has led to, as the system does it', async () => {
  tree('a/', 'deep/inside/', 'deep/other.yaml', 'a/link -> ../deep/inside');
  symlinkSync('../other.yaml', join(root, 'deep/inside/config.yaml'));
  expect(await wayTo('a/link/config.yaml')).toEqual([
    '/deep/inside/: config.yaml',
    '/deep/: inside other.yaml',
  ]);
});

test('links in a circle come to an end', async () => {
  tree('a/', 'a/config.yaml -> other.yaml', 'a/other.yaml -> config.yaml');
  expect(await wayTo('a/config.yaml')).toEqual(['/a/: config.yaml other.yaml']);
});

test.each([
  ['the file itself', 'config.yaml', true],
  ['a name in the case in which a file system keeps it', 'Config.YAML', true],
  ['an event without a name', null, true],
  ['the directory itself', 'a', true],
  ['another file', 'server.log', false],
  ['a file of an editor beside it', 'config.yaml.swp', false],
])('%s: whether it may be about the file', async (_, name, expected) => {
  tree('a/', 'a/config.yaml');
  const [place] = (await symlinkChain(join(root, 'a/config.yaml'))).values();
  expect(place && concerns(place, name)).toBe(expected);
});

test('accents count the same in whichever way they are composed', async () => {
  tree('a/', `a/${'é'.normalize('NFC')}.yaml`);
  const [place] = (await symlinkChain(join(root, `a/${'é'.normalize('NFC')}.yaml`))).values();
  expect(place && concerns(place, `${'é'.normalize('NFD')}.yaml`)).toBe(true);
});
