/** The layer rule: which room may import which. It is stated here alone; docs/internals/architecture.md draws it. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const project = join(import.meta.dir, '..');

/**
 * Each room, and the rooms that its files may import beside their own. A room comes after all that it may import, so that
 * imports can neither point up nor go in circles.
 */
const rooms: Record<string, readonly string[]> = {
  'src/ground': [],
  'src/protocols': [],
  'src/telemetry': ['src/ground'],
  'src/http-client': ['src/ground'],
  'src/models': ['src/protocols'],
  'src/oauth': ['src/protocols', 'src/telemetry', 'src/ground'],
  'src/providers': ['src/models', 'src/oauth', 'src/protocols', 'src/telemetry'],
  'src/config': ['src/providers', 'src/protocols', 'src/ground'],
  'src/accounts': [
    'src/config',
    'src/providers',
    'src/oauth',
    'src/protocols',
    'src/telemetry',
    'src/ground',
  ],
  'src/config-file': ['src/accounts', 'src/config', 'src/ground'],
  // Programs that people point at the gateway, as data, and how their settings are edited.
  'src/clients': ['src/config-file', 'src/config', 'src/models'],
  // Other programs' files: what of them has a place here, and putting it there.
  'src/import': [
    'src/config-file',
    'src/accounts',
    'src/config',
    'src/providers',
    'src/oauth',
    'src/protocols',
    'src/ground',
  ],
  'src/credentials': ['src/accounts', 'src/config', 'src/providers', 'src/models', 'src/protocols'],
  'src/usage': [
    'src/accounts',
    'src/config',
    'src/providers',
    'src/models',
    'src/protocols',
    'src/ground',
    'src/telemetry',
  ],
  'src/limits': [
    'src/usage',
    'src/ground',
    'src/accounts',
    'src/config',
    'src/providers',
    'src/models',
    'src/protocols',
  ],
  // Replicas: what several processes share, on Postgres and Valkey. Loaded only where there is a cluster. What rooms below need
  // of it, they name as types of their own.
  'src/cluster': [
    ...['src/limits', 'src/usage', 'src/credentials', 'src/accounts', 'src/config-file', 'src/config'],
    ...['src/providers', 'src/oauth', 'src/models', 'src/protocols', 'src/telemetry', 'src/ground'],
  ],
  'src/gateway': [
    ...['src/limits', 'src/usage', 'src/credentials', 'src/accounts', 'src/config', 'src/providers'],
    ...['src/oauth', 'src/models', 'src/protocols', 'src/telemetry', 'src/http-client', 'src/ground'],
  ],
  // Exchanges kept whole for a bug report: loaded where somebody makes one, or plays one.
  'src/recording': ['src/gateway', 'src/ground', 'src/config', 'src/providers', 'src/protocols'],
  'src/management': [
    ...['src/config-file', 'src/recording'],
    ...['src/gateway', 'src/limits', 'src/usage', 'src/credentials', 'src/accounts', 'src/config'],
    ...['src/providers', 'src/oauth', 'src/models', 'src/protocols', 'src/telemetry', 'src/http-client'],
    'src/ground',
  ],
  'src/console': [
    ...['src/clients', 'src/management', 'src/gateway', 'src/usage', 'src/credentials', 'src/accounts'],
    'src/cluster',
    ...['src/config-file', 'src/config', 'src/models', 'src/providers', 'src/http-client', 'src/ground'],
  ],
  'src/server': [
    'src/console',
    'src/recording',
    'src/cluster',
    ...[
      'src/management',
      'src/gateway',
      'src/limits',
      'src/usage',
      'src/credentials',
      'src/accounts',
      'src/config-file',
      'src/config',
    ],
    ...[
      'src/providers',
      'src/oauth',
      'src/models',
      'src/protocols',
      'src/telemetry',
      'src/http-client',
      'src/ground',
    ],
  ],
  // Stands for the providers: nothing that reads or writes their protocols.
  sandbox: ['src/ground'],
  'src/cli': [
    ...['src/clients', 'src/import', 'src/cluster', 'src/recording'],
    ...['src/server', 'src/management', 'src/gateway', 'src/limits', 'src/usage', 'src/credentials'],
    'src/accounts',
    'src/config-file',
    'src/config',
    ...['src/providers', 'src/oauth', 'src/models', 'src/protocols', 'src/telemetry', 'src/http-client'],
    'src/ground',
    'sandbox',
  ],
  src: ['src/cli'],
};

/** What else the files of a room may import; every other room may use the runtime and the declared dependencies. */
const purePackages: Record<string, readonly string[]> = {
  'src/protocols': ['openai', '@anthropic-ai/sdk', '@google/genai'],
};

/** The only files that use the sandbox, and only when it is needed: a start without it does not run its code. */
const sandboxUsers = ['src/cli/recording/replay.ts', 'src/cli/sandbox-stand-in.ts', 'src/cli/sandbox.ts'];

/** Read by the version and the User-Agent; by updates, for what only the owner can give. */
const manifests = ['package.json', 'owner.json'];

interface Import {
  /** The importing file, from the project's root. */
  file: string;
  /** The imported file, from the project's root, or the name of a package. */
  target: string;
  isPackage: boolean;
  /** Runs the imported code when the importing file is loaded: neither a type nor `import()`. */
  isEager: boolean;
}

const spellings =
  /^(import|export)( type)?\b[^;'"`]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

function importsIn(file: string, source: string): Import[] {
  return [...source.matchAll(spellings)].map(([, , type, from, alone, later]) => {
    const name = from ?? alone ?? later ?? '';
    const isPackage = !name.startsWith('.');
    const target = isPackage ? name : join(dirname(file), name);
    return { file, target, isPackage, isEager: type === undefined && later === undefined };
  });
}

const sources = ['src', 'sandbox'].flatMap((folder) =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
);
const imports = sources.flatMap((file) => importsIn(file, readFileSync(join(project, file), 'utf8')));

/** `src/gateway/stream/a.ts` is in `src/gateway`, `sandbox/a.ts` in `sandbox`, `src/main.ts` in `src`. */
function roomOf(file: string): string {
  const [top = '', below = '', ...rest] = file.split('/');
  return top === 'src' && rest.length > 0 ? `${top}/${below}` : top;
}

/** Each import that the table does not allow, as `file → target`. */
function forbidden(found: readonly Import[]): string[] {
  return found.filter((one) => !isAllowed(one)).map(({ file, target }) => `${file} → ${target}`);
}

function isAllowed({ file, target, isPackage }: Import): boolean {
  const room = roomOf(file);
  if (isPackage)
    return purePackages[room]?.some((name) => target === name || target.startsWith(`${name}/`)) ?? true;
  return (
    manifests.includes(target) || roomOf(target) === room || (rooms[room]?.includes(roomOf(target)) ?? false)
  );
}

test('each room imports only what the table allows', () => {
  expect(imports.length).toBeGreaterThan(1000);
  expect(forbidden(imports)).toEqual([]);
});

test('a room comes after all that it may import: nothing points up', () => {
  const order = Object.keys(rooms);
  const up = order.flatMap((room, place) =>
    (rooms[room] ?? []).filter((below) => !(order.indexOf(below) >= 0 && order.indexOf(below) < place)),
  );
  expect(up).toEqual([]);
});

test('every folder is a room of the table, and every room is there', () => {
  expect([...new Set(sources.map(roomOf))].sort()).toEqual(Object.keys(rooms).sort());
});

test('the sandbox is used in the named places alone, and loaded only when it is needed', () => {
  const users = imports.filter(
    ({ file, target }) => roomOf(target) === 'sandbox' && roomOf(file) !== 'sandbox',
  );
  expect([...new Set(users.map(({ file }) => file))].sort()).toEqual(sandboxUsers);
  expect(users.filter(({ isEager }) => isEager)).toEqual([]);
});

test('without a cluster nothing of it is loaded: other rooms import its types, or later', () => {
  const users = imports.filter(
    ({ file, target }) =>
      (roomOf(target) === 'src/cluster' || target === 'iovalkey') && roomOf(file) !== 'src/cluster',
  );
  expect(users.length).toBeGreaterThan(0);
  expect(users.filter(({ isEager }) => isEager)).toEqual([]);
});

test('the client for Valkey is loaded by the connection to it alone, when it connects', () => {
  const [library, connection] = ['src/cluster/valkey/client-library.ts', 'src/cluster/valkey/connection.ts'];
  const eager = imports.filter(({ target, isEager }) => target === 'iovalkey' && isEager);
  expect(eager.map(({ file }) => file)).toEqual([library]);
  const users = imports.filter(({ target }) => target === library);
  expect(users.map(({ file, isEager }) => [file, isEager])).toEqual([[connection, false]]);
});

const judged: { file: string; source: string; allowed: boolean }[] = [
  { file: 'src/protocols/a.ts', source: `import { a } from './json.ts';`, allowed: true },
  { file: 'src/protocols/x/a.ts', source: `import {\n  a,\n} from '../sse.ts';`, allowed: true },
  { file: 'src/protocols/a.ts', source: `import { a } from 'node:fs';`, allowed: false },
  { file: 'src/protocols/a.ts', source: `import { a } from 'zod';`, allowed: false },
  { file: 'src/protocols/a.ts', source: `import type { A } from 'openai/resources';`, allowed: true },
  { file: 'src/protocols/a.ts', source: `import type { A } from '../config/schema.ts';`, allowed: false },
  { file: 'src/gateway/a.ts', source: `export { a } from '../server/start.ts';`, allowed: false },
  { file: 'src/gateway/x/a.ts', source: `import '../../cli/run.ts';`, allowed: false },
  { file: 'src/gateway/a.ts', source: `const a = await import('../../sandbox/start.ts');`, allowed: false },
  { file: 'src/gateway/a.ts', source: `import { a } from '../../test/facts.ts';`, allowed: false },
  { file: 'sandbox/a.ts', source: `import { a } from '../src/protocols/json.ts';`, allowed: false },
  { file: 'sandbox/x/a.ts', source: `import { a } from '../json.ts';`, allowed: true },
];

for (const { file, source, allowed } of judged)
  test(`${file}: ${source.replaceAll('\n', '')} is ${allowed ? 'allowed' : 'refused'}`, () => {
    expect(importsIn(file, source)).toHaveLength(1);
    expect(forbidden(importsIn(file, source))).toHaveLength(allowed ? 0 : 1);
  });

/** Words that say nothing about what is inside. */
const emptyNames = /(^|[-/.])(utils?|helpers?|managers?|common|misc)([-/.]|$)/;

test('no file or folder has a name that says nothing', () => {
  const named = ['src', 'sandbox', 'scripts', 'bench', 'test'].flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name}`,
    ),
  );
  expect(named.filter((name) => emptyNames.test(name))).toEqual([]);
  expect(emptyNames.test('src/gateway/stream-utils.ts')).toBe(true);
});
