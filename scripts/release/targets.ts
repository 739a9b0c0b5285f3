/** The platforms that a release is made for. */

export interface Target {
  /** As archives and npm packages name it. */
  name: string;
  /** As Bun names it; source: bun.com/docs/bundler/executables. */
  bun: Bun.Build.CompileTarget;
  /** As npm names system, processor and C library; source: docs.npmjs.com, package.json. */
  os: 'linux' | 'darwin' | 'win32';
  cpu: 'x64' | 'arm64';
  libc?: 'glibc' | 'musl';
}

export const targets: readonly Target[] = [
  { name: 'linux-x64', bun: 'bun-linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc' },
  { name: 'linux-x64-musl', bun: 'bun-linux-x64-musl', os: 'linux', cpu: 'x64', libc: 'musl' },
  { name: 'linux-arm64', bun: 'bun-linux-arm64', os: 'linux', cpu: 'arm64', libc: 'glibc' },
  { name: 'linux-arm64-musl', bun: 'bun-linux-arm64-musl', os: 'linux', cpu: 'arm64', libc: 'musl' },
  { name: 'darwin-x64', bun: 'bun-darwin-x64', os: 'darwin', cpu: 'x64' },
  { name: 'darwin-arm64', bun: 'bun-darwin-arm64', os: 'darwin', cpu: 'arm64' },
  { name: 'win32-x64', bun: 'bun-windows-x64', os: 'win32', cpu: 'x64' },
  { name: 'win32-arm64', bun: 'bun-windows-arm64', os: 'win32', cpu: 'arm64' },
];

/** The name of the executable inside archives and packages. */
export function executableName({ os }: Pick<Target, 'os'>): string {
  return os === 'win32' ? 'cli-proxy-api.exe' : 'cli-proxy-api';
}

/** The target that this computer runs; undefined where none is made for it. */
export function targetHere(): Target | undefined {
  const libc = process.platform !== 'linux' ? undefined : usesMusl() ? 'musl' : 'glibc';
  return targets.find(
    (target) => target.os === process.platform && target.cpu === process.arch && target.libc === libc,
  );
}

function usesMusl(): boolean {
  return Bun.spawnSync(['ldd', '--version']).stderr.toString().includes('musl');
}

/** The name of the archive of a version. */
export function archiveName({ name, os }: Target, version: string): string {
  return `cli-proxy-api-${version}-${name}.${os === 'win32' ? 'zip' : 'tar.gz'}`;
}
