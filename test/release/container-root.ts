/** The file layout of the image, run without a daemon: its root read-only, its user without rights. Needs root on Linux. */
import { chmodSync, chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const project = join(import.meta.dir, '../..');
/** The user of the image. */
export const containerUser = 65532;

/** Lays out `root` as the image has it: what layout.sh makes, the libraries of the base, and a /tmp. */
export function layOut(root: string, program: string): void {
  const made = Bun.spawnSync(['sh', join(project, 'deploy/container/layout.sh'), program, root]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  for (const [, library = ''] of Bun.spawnSync(['ldd', program])
    .stdout.toString()
    .matchAll(/(\/\S+\.so\S*)/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    cpSync(library, join(root, library), { dereference: true });
  }
  // A user without rights passes through it.
  chmodSync(root, 0o755);
  for (const folder of ['tmp', 'proc', 'etc', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(join(root, 'etc/passwd'), `nonroot:x:${containerUser}:${containerUser}::/root:/none\n`);
  for (const folder of [
    'data',
    'CLIProxyAPI',
    'CLIProxyAPI/logs',
    'CLIProxyAPI/auths',
    'root/.cli-proxy-api',
    'root',
  ])
    chownSync(join(root, folder), containerUser, containerUser);
}

/**
 * Runs a command as the container would: only `volumes` can be written. The environment is that of the Dockerfile.
 */
export function contained(root: string, volumes: readonly string[], command: readonly string[]): string[] {
  const mounts = volumes.map((path) => `mount --bind ${root}${path} ${root}${path}`);
  const script = [
    `mount --bind ${root} ${root}`,
    ...mounts,
    `mount -t tmpfs none ${root}/tmp`,
    `mount --rbind /proc ${root}/proc`,
    `mount --rbind /dev ${root}/dev`,
    `mount -o remount,bind,ro ${root}`,
    `exec env -i HOME=/root CLI_PROXY_API_HOME=/data PATH=/usr/sbin:/usr/bin:/usr/local/bin unshare --root=${root} --wd=/CLIProxyAPI --setgid=${containerUser} --setuid=${containerUser} -- "$@"`,
  ].join(' && ');
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...command];
}
