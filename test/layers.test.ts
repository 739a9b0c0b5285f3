import { expect, test } from 'bun:test';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const project = join(import.meta.dir, '..');

const belowGateway = [
  'limits',
  'models',
  'providers',
  'credentials',
  'accounts',
  'oauth',
  'protocols',
  'config',
  'telemetry',
  'http-client',
];

/** What a file in each folder of src may import from the other folders: docs/architecture.md draws it. */
const mayImport: Record<string, string[]> = {
  cli: ['server', 'gateway', 'sandbox', ...belowGateway],
  server: ['gateway', ...belowGateway],
  gateway: belowGateway,
  limits: ['accounts', 'models', 'providers', 'oauth', 'protocols', 'config', 'telemetry'],
  credentials: ['accounts', 'models', 'providers', 'oauth', 'protocols', 'config', 'telemetry'],
  accounts: ['providers', 'oauth', 'protocols', 'config', 'telemetry'],
  providers: ['models', 'oauth', 'protocols', 'telemetry'],
  models: ['protocols'],
  oauth: ['protocols', 'config', 'telemetry'],
  sandbox: ['telemetry'],
  protocols: [],
  config: ['providers'],
  telemetry: [],
  'http-client': [],
};
const folders = Object.keys(mayImport);

/** The sandbox stands beside src, all other folders in it. */
const place = (folder: string) => (folder === 'sandbox' ? folder : `src/${folder}`);

/** The files that the project's Biome configuration rejects, among `files` (path under the project → source text). */
function rejected(files: Map<string, string>): string[] {
  const copy = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    for (const name of ['biome.json', 'package.json', '.gitignore'])
      copyFileSync(join(project, name), join(copy, name));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    const run = Bun.spawnSync(
      [join(project, 'node_modules/.bin/biome'), 'lint', '--reporter=json', '--max-diagnostics=none', '.'],
      { cwd: copy, stderr: 'ignore' },
    );
    const report: { diagnostics: { category: string; location: { path: string } }[] } = JSON.parse(
      run.stdout.toString(),
    );
    const about = ['lint/style/noRestrictedImports', 'lint/correctness/noUndeclaredDependencies'];
    const paths = report.diagnostics
      .filter((diagnostic) => about.includes(diagnostic.category))
      .map((diagnostic) => diagnostic.location.path);
    return [...new Set(paths)].sort();
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** A file whose only content is one import of `from`. */
const importing = (from: string) => `import { thing } from '${from}';\nthing();\n`;

test('each folder of src imports only what lies below it', () => {
  const pairs = folders.flatMap((from) => folders.filter((to) => to !== from).map((to) => ({ from, to })));
  const files = new Map<string, string>();
  for (const { from, to } of pairs) {
    const path = `../${place(from) === 'sandbox' ? '' : '../'}${place(to)}`;
    files.set(`${place(from)}/to-${to}.ts`, importing(`${path}/thing.ts`));
    files.set(`${place(from)}/deep/to-${to}.ts`, importing(`../${path}/deep/thing.ts`));
    files.set(`${place(from)}/later-${to}.ts`, `await import('${path}/thing.ts');\n`);
  }
  const expected = pairs
    .filter(({ from, to }) => !mayImport[from]?.includes(to))
    .flatMap(({ from, to }) => [
      `${place(from)}/deep/to-${to}.ts`,
      `${place(from)}/later-${to}.ts`,
      `${place(from)}/to-${to}.ts`,
    ]);
  expect(rejected(files)).toEqual(expected.sort());
});

test('a folder of src that no rule covers does not exist', () => {
  const found = readdirSync(join(project, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(found.filter((name) => !folders.includes(name))).toEqual([]);
});

const single: { source: string; path: string; allowed: boolean; why: string }[] = [
  { path: 'src/protocols/a.ts', source: importing('./json.ts'), allowed: true, why: 'its own file' },
  { path: 'src/protocols/x/b.ts', source: importing('../sse.ts'), allowed: true, why: 'its own file above' },
  { path: 'src/protocols/c.ts', source: importing('node:fs'), allowed: false, why: 'node' },
  { path: 'src/protocols/d.ts', source: importing('bun'), allowed: false, why: 'bun' },
  { path: 'src/protocols/e.ts', source: importing('zod'), allowed: false, why: 'a package' },
  {
    path: 'src/protocols/f.ts',
    source: `import type { Thing } from 'openai/resources';\nexport type A = Thing;\n`,
    allowed: true,
    why: 'a type of an official SDK',
  },
  { path: 'src/protocols/g.ts', source: importing('openai'), allowed: false, why: 'code of an official SDK' },
  {
    path: 'src/server/h.ts',
    source: importing('fast-check'),
    allowed: false,
    why: 'a development dependency',
  },
  {
    path: 'src/server/h.test.ts',
    source: importing('fast-check'),
    allowed: true,
    why: 'a test is development',
  },
  {
    path: 'src/server/i.ts',
    source: importing('left-pad'),
    allowed: false,
    why: 'a package that is not declared',
  },
  {
    path: 'sandbox/j.ts',
    source: importing('../src/protocols/sse.ts'),
    allowed: true,
    why: 'a format that both sides speak',
  },
  {
    path: 'sandbox/k.ts',
    source: importing('../src/protocols/gemini/request.ts'),
    allowed: false,
    why: 'a codec',
  },
  {
    path: 'src/gateway/l.test.ts',
    source: importing('../../sandbox/start.ts'),
    allowed: true,
    why: 'tests may use the sandbox',
  },
];

test('packages and single files: what is allowed passes and what is not fails', () => {
  const files = new Map(single.map(({ path, source }) => [path, source]));
  const expected = single.filter(({ allowed }) => !allowed).map(({ path }) => path);
  expect(rejected(files)).toEqual(expected.sort());
});
