import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import owner from '../../owner.json';
import manifest from '../../package.json';
import type { ArchivedFile } from '../../scripts/release/archive.ts';
import { billOfMaterials } from '../../scripts/release/bill-of-materials.ts';
import { homebrewFormula, scoopManifest } from '../../scripts/release/install-manifests.ts';
import { launcherPackage, platformPackage } from '../../scripts/release/npm-packages.ts';
import { archiveName, targets } from '../../scripts/release/targets.ts';

const project = join(import.meta.dir, '../..');
const text = (name: string) => readFileSync(join(project, name), 'utf8');
const { version, description, license } = manifest;
const published = { version, description, license, scope: '@scope', repository: 'https://example.test/x' };
const texts = { license: Buffer.from('license'), readme: Buffer.from('readme') };
const manifestOf = (files: ArchivedFile[]) =>
  JSON.parse(
    Buffer.from(files.find(({ path }) => path === 'package/package.json')?.content ?? []).toString(),
  );
const packages = [
  launcherPackage(published, targets, Buffer.from('launcher'), texts),
  ...targets.map((target) => platformPackage(published, target, Buffer.from('program'), texts)),
];

test('an npm package has no script, no test, no source, and few files', () => {
  for (const files of packages) {
    expect(manifestOf(files).scripts).toBeUndefined();
    expect(files.length).toBeLessThan(8);
    expect(files.filter(({ path }) => /test|src|\.ts$/.test(path))).toEqual([]);
    expect(manifestOf(files).publishConfig).toEqual({ access: 'public', provenance: true });
  }
});

test('the launcher names the package of each platform in its own version, all optional', () => {
  const { optionalDependencies, dependencies, bin } = manifestOf(packages[0] ?? []);
  expect(dependencies).toBeUndefined();
  expect(Object.keys(optionalDependencies)).toEqual(targets.map(({ name }) => `@scope/${name}`));
  expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([version]));
  expect(bin).toEqual({ 'cli-proxy-api': 'bin/cli-proxy-api.mjs' });
});

test('npm chooses one package a platform: system, processor and C library differ', () => {
  const chosen = packages.slice(1).map((files) => {
    const { os, cpu, libc } = manifestOf(files);
    return JSON.stringify({ os, cpu, libc });
  });
  expect(new Set(chosen).size).toBe(targets.length);
});

test('the bill of materials lists what is bundled and the runtime, and no development package', () => {
  const bill = billOfMaterials(version, JSON.parse(text('package-lock.json')).packages);
  const names = bill.components.map(({ name }) => name);
  expect(names).toContain('zod');
  expect(names).toContain('bun');
  for (const name of Object.keys(manifest.dependencies)) expect(names).toContain(name);
  for (const name of ['typescript', '@biomejs/biome', 'openai']) expect(names).not.toContain(name);
  expect(bill.components.every(({ hashes }) => hashes?.[0]?.content.length === 128)).toBe(true);
  expect(new Set(bill.components.map((one) => one['bom-ref'])).size).toBe(names.length);
});

const sums = Object.fromEntries(
  targets.map((target, index) => [archiveName(target, version), `sum${index}`]),
);
const release = { version, description, homepage: 'https://h.test', downloads: 'https://d.test/v', sums };

test('the formula of Homebrew has each archive of glibc and macOS beside its checksum', () => {
  const formula = homebrewFormula(release, targets);
  for (const target of targets.filter(({ os, libc }) => os !== 'win32' && libc !== 'musl')) {
    const name = archiveName(target, version);
    expect(formula).toContain(`url "https://d.test/v/${name}"\n      sha256 "${sums[name]}"`);
  }
  expect(formula).not.toContain('musl');
  expect(formula).not.toContain('win32');
});

test('the manifest of Scoop has both processors of Windows', () => {
  expect(scoopManifest(release, targets)).toMatchObject({
    version,
    architecture: {
      '64bit': { url: `https://d.test/v/cli-proxy-api-${version}-win32-x64.zip`, hash: 'sum6' },
      arm64: { url: `https://d.test/v/cli-proxy-api-${version}-win32-arm64.zip`, hash: 'sum7' },
    },
  });
});

test('nothing is promised that only the owner can set and has not set', () => {
  const readme = text('README.md');
  const { stillToSet } = owner;
  if (stillToSet.includes('npmScope'))
    expect(readme).not.toMatch(/\bnpx\b|npm (install|i) (-g )?cli-proxy-api/);
  if (stillToSet.includes('image')) expect(readme).not.toMatch(/docker (run|pull)|ghcr\.io/);
  if (stillToSet.includes('repository')) expect(readme).not.toContain('OWNER');
  for (const name of stillToSet) expect(Object.keys(owner)).toContain(name);
});
