import { expect, test } from 'bun:test';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleName, bundlesFolder } from '../../src/bundle-place.ts';
import { emptyDirectory } from './program.ts';

const project = join(import.meta.dir, '../..');

/** A checkout with a program of one line, and the launcher and the bundler of this one. */
function checkout(prints: string) {
  const directory = emptyDirectory();
  const file = (name: string) => join(directory.path, name);
  mkdirSync(file('node_modules/bun/bin'), { recursive: true });
  mkdirSync(file('node_modules/zod'));
  mkdirSync(file('sandbox'));
  mkdirSync(file('console'));
  symlinkSync(process.execPath, file('node_modules/bun/bin/bun.exe'));
  const copied = [
    'bin/cli-proxy-api',
    'src/launch.ts',
    'src/bundle-place.ts',
    'scripts/bundle.ts',
    'scripts/console-inside.ts',
    'scripts/console-files.ts',
  ];
  for (const name of copied) cpSync(join(project, name), file(name));
  for (const name of ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json'])
    writeFileSync(file(name), '{}');
  const write = (name: string, text: string) => writeFileSync(file(name), text);
  for (const name of ['main.tsx', 'before-paint.ts', 'style.css', 'index.html']) write(`console/${name}`, '');
  write('console/tsconfig.json', '{}');
  const program = (text: string) => write('src/main.ts', `console.log(${JSON.stringify(text)});`);
  program(prints);
  const ran = (...command: string[]) => {
    const { stdout, stderr, exitCode } = Bun.spawnSync(command, { stdout: 'pipe', stderr: 'pipe' });
    return { out: stdout.toString(), err: stderr.toString(), code: exitCode };
  };
  return {
    path: directory.path,
    program,
    write,
    bundles: () => readdirSync(bundlesFolder(directory.path)),
    /** Puts a program where the bundle of the sources as they are now belongs, as if made on that day. */
    foist(text: string, day = 0) {
      const place = join(bundlesFolder(directory.path), bundleName(directory.path));
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'main.js'), `console.log(${JSON.stringify(text)});`);
      utimesSync(place, day * 86_400, day * 86_400);
    },
    start: () => ran(file('bin/cli-proxy-api')),
    bundle: () => ran(process.execPath, file('scripts/bundle.ts')),
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

test('a checkout without a bundle starts from its sources', () => {
  using made = checkout('sources');
  expect(made.start()).toEqual({ out: 'sources\n', err: '', code: 0 });
});

test('a bundle is started as long as nothing has changed, and never after that', () => {
  using made = checkout('sources');
  made.foist('bundle');
  expect(made.start().out).toBe('bundle\n');
  made.program('newer');
  expect(made.start().out).toBe('newer\n');
  // What it was made of is back.
  made.program('sources');
  expect(made.start().out).toBe('bundle\n');
  // npm has installed something else.
  made.write('node_modules/.package-lock.json', '{ }');
  expect(made.start().out).toBe('sources\n');
});

test('a bundle prints what the sources print, and has maps', () => {
  using made = checkout('today');
  expect(made.bundle()).toEqual({ out: '', err: '', code: 0 });
  expect(made.bundles()).toEqual([bundleName(made.path)]);
  expect(readdirSync(join(bundlesFolder(made.path), bundleName(made.path))).sort()).toEqual([
    'main.js',
    'main.js.map',
  ]);
  expect(made.start()).toEqual({ out: 'today\n', err: '', code: 0 });
});

test('the two bundles before stay for gateways that still run from them, older ones go', () => {
  using made = checkout('sources');
  const names = ['oldest', 'older', 'old', 'newest'].map((text, day) => {
    made.program(text);
    made.foist(text, day);
    return bundleName(made.path);
  });
  made.program('today');
  expect(made.bundle().code).toBe(0);
  expect(made.bundles().sort()).toEqual([...names.slice(2), bundleName(made.path)].sort());
});

test('a bundle that was started again stays, however long ago it was made', () => {
  using made = checkout('sources');
  const names = ['first', 'second', 'third'].map((text, day) => {
    made.program(text);
    made.foist(text, day);
    return bundleName(made.path);
  });
  made.program('first');
  expect(made.bundle().code).toBe(0);
  made.program('today');
  expect(made.bundle().code).toBe(0);
  expect(made.bundles().sort()).toEqual([names[0] ?? '', names[2] ?? '', bundleName(made.path)].sort());
});

test('what another start is making takes the place of no bundle', () => {
  using made = checkout('sources');
  const names = ['older', 'old'].map((text, day) => {
    made.program(text);
    made.foist(text, day);
    return bundleName(made.path);
  });
  mkdirSync(join(bundlesFolder(made.path), '.new-1'));
  made.program('today');
  expect(made.bundle().code).toBe(0);
  expect(made.bundles().sort()).toEqual([...names, bundleName(made.path), '.new-1'].sort());
});

test('errors in a bundle name the lines of the sources', () => {
  using made = checkout('sources');
  made.write('src/main.ts', `\n\nconsole.log(new Error('x').stack);\n`);
  expect(made.bundle().code).toBe(0);
  expect(made.start().out).toContain('src/main.ts:3:');
});

test('tests do not belong to a bundle; every other source does, by its name too', () => {
  using made = checkout('sources');
  const before = bundleName(made.path);
  made.write('src/main.test.ts', 'anything');
  expect(bundleName(made.path)).toBe(before);
  made.write('src/other.ts', 'anything');
  const after = bundleName(made.path);
  expect(after).not.toBe(before);
  rmSync(join(made.path, 'src/other.ts'));
  expect(bundleName(made.path)).toBe(before);
  made.write('src/another.ts', 'anything');
  expect(bundleName(made.path)).not.toBe(after);
  rmSync(join(made.path, 'src/another.ts'));
  for (const name of ['sandbox/other.ts', 'console/other.tsx', 'console/other.css']) {
    made.write(name, 'anything');
    expect(bundleName(made.path)).not.toBe(before);
    rmSync(join(made.path, name));
  }
});
