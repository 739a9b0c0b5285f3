/** The packages for npm: a launcher, and the program for one platform each. Neither has an install script. */
import type { ArchivedFile } from './archive.ts';
import { executableName, type Target } from './targets.ts';

export interface Published {
  version: string;
  description: string;
  license: string;
  /** `@scope` of the platforms' packages. */
  scope: string;
  /** Undefined as long as nobody has said where the project is. */
  repository: string | undefined;
}

/** Files that each package has. */
export interface PackageTexts {
  license: Uint8Array;
  readme: Uint8Array;
}

/** The package that is installed by name. It gets the newest Node that people have, and the oldest that is kept up. */
export function launcherPackage(
  published: Published,
  targets: readonly Target[],
  launcher: Uint8Array,
  { license, readme }: PackageTexts,
): ArchivedFile[] {
  const optionalDependencies = Object.fromEntries(
    targets.map(({ name }) => [`${published.scope}/${name}`, published.version]),
  );
  const manifest = {
    name: 'cli-proxy-api',
    ...shared(published),
    type: 'module',
    bin: { 'cli-proxy-api': 'bin/cli-proxy-api.mjs' },
    engines: { node: '>=20' },
    optionalDependencies,
  };
  return packed([
    { path: 'package.json', content: json(manifest) },
    { path: 'LICENSE', content: license },
    { path: 'README.md', content: readme },
    { path: 'bin/cli-proxy-api.mjs', content: launcher, executable: true },
  ]);
}

/** The package that npm chooses by itself for a platform. */
export function platformPackage(
  published: Published,
  target: Target,
  program: Uint8Array,
  { license }: PackageTexts,
): ArchivedFile[] {
  const { name, os, cpu, libc } = target;
  const manifest = {
    name: `${published.scope}/${name}`,
    ...shared(published),
    description: `The program of the package cli-proxy-api for ${name}`,
    os: [os],
    cpu: [cpu],
    ...(libc !== undefined && { libc: [libc] }),
    preferUnplugged: true,
  };
  return packed([
    { path: 'package.json', content: json(manifest) },
    { path: 'LICENSE', content: license },
    { path: `bin/${executableName(target)}`, content: program, executable: true },
  ]);
}

/** The name of the file that `npm pack` would give it. */
export function tarballName(name: string, version: string): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

function shared({ version, description, license, repository }: Published) {
  return {
    version,
    description,
    license,
    ...(repository !== undefined && { repository: { type: 'git', url: `git+${repository}.git` } }),
    publishConfig: { access: 'public', provenance: true },
  };
}

function json(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function packed(files: ArchivedFile[]): ArchivedFile[] {
  return files.map((file) => ({ ...file, path: `package/${file.path}` }));
}
