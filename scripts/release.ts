/**
 * `npm run release`: everything that is published, in dist/release: the executables for all platforms, each checked, in
 * archives with checksums and a bill of materials, and the manifests for Homebrew and Scoop. The same sources give the
 * same bytes. `--npm` makes the npm packages instead, in dist/npm: the launcher and this platform's, with `--all` every
 * platform's. `--target NAME` (repeatable) makes fewer; `--out DIR` writes elsewhere; `--models` fails when the table of
 * models is stale or its prices are older than 60 days. `latest.json`, which "cli-proxy-api update" asks for, is signed with
 * the secret key of minisign that the variable RELEASE_SIGNING_KEY holds, or the file that `--signing-key` names; with
 * neither it stays unsigned, and no program takes it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import owner from '../owner.json';
import manifest from '../package.json';
import { commands } from '../src/cli/commands.ts';
import { completionScript } from '../src/cli/completion/scripts.ts';
import { type ArchivedFile, tarGz, zip } from './release/archive.ts';
import { billOfMaterials } from './release/bill-of-materials.ts';
import { checkCodeSignature, signed } from './release/code-signature.ts';
import { buildExecutable } from './release/executable.ts';
import { formatProblem } from './release/executable-format.ts';
import { homebrewFormula, scoopManifest } from './release/install-manifests.ts';
import { manPage } from './release/man-page.ts';
import { launcherPackage, platformPackage, tarballName } from './release/npm-packages.ts';
import { releaseKey, releaseList } from './release/release-list.ts';
import { archiveName, executableName, type Target, targetHere, targets } from './release/targets.ts';

const project = join(import.meta.dir, '..');
const { version, description, license } = manifest;
const { values } = parseArgs({
  options: {
    npm: { type: 'boolean' },
    all: { type: 'boolean' },
    models: { type: 'boolean' },
    target: { type: 'string', multiple: true },
    out: { type: 'string' },
    'signing-key': { type: 'string' },
  },
});
const read = (file: string): Buffer => readFileSync(join(project, file));
const scratch = mkdtempSync(join(tmpdir(), 'cli-proxy-api-release-'));

try {
  if (values.models) checkModels();
  await (values.npm ? npmPackages() : archives());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** What is released must know the models of its day and what they cost. */
function checkModels(): void {
  const age = [process.execPath, join(project, 'scripts/models.ts'), '--check', '--check-age'];
  if (Bun.spawnSync(age, { stderr: 'inherit' }).exitCode !== 0)
    throw new Error('the table of models is stale');
}

function wanted(usual: readonly Target[]): readonly Target[] {
  return (
    values.target?.map((name) => {
      const found = targets.find((target) => target.name === name);
      if (found === undefined)
        throw new Error(`no target "${name}": ${targets.map((one) => one.name).join(', ')}`);
      return found;
    }) ?? usual
  );
}

/** Builds and checks one executable. Throws where it is not what it should be. */
async function executable(target: Target): Promise<Buffer> {
  const file = join(scratch, `${target.name}-${executableName(target)}`);
  await buildExecutable(file, target.bun);
  const built = readFileSync(file);
  const valid = target.os !== 'darwin' || checkCodeSignature(built)?.wrong === 0;
  const content = valid ? built : signed(built);
  const problem = formatProblem(content, target);
  if (problem !== undefined) throw new Error(`${target.name}: ${problem}`);
  const checks = ['format'];
  if (target.os === 'darwin') {
    const signature = checkCodeSignature(content);
    if (signature === undefined || signature.wrong > 0 || signature.pages === 0)
      throw new Error(`${target.name}: ${signature?.wrong ?? 'no'} pages of its signature are wrong`);
    checks.push(`${signature.pages} signed pages`);
  }
  if (target.name === targetHere()?.name) {
    const run = Bun.spawnSync([file, '--version']);
    if (run.stdout.toString() !== `cli-proxy-api ${version}\n`)
      throw new Error(`${target.name}: --version says ${run.stdout}${run.stderr}`);
    checks.push('--version');
  }
  rmSync(file);
  console.log(`${target.name}: ${(content.length / 1e6).toFixed(0)} MB, checked: ${checks.join(', ')}`);
  return content;
}

async function archives(): Promise<void> {
  const out = values.out ?? join(project, 'dist/release');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const sums: Record<string, string> = {};
  const write = (name: string, content: string | Uint8Array): void => {
    writeFileSync(join(out, name), content);
    sums[name] = createHash('sha256').update(content).digest('hex');
  };
  const made = wanted(targets);
  const beside: ArchivedFile[] = [
    { path: 'LICENSE', content: read('LICENSE') },
    { path: 'README.md', content: read('README.md') },
    { path: 'cli-proxy-api.1', content: Buffer.from(manPage(commands)) },
    ...completionFiles(),
  ];
  for (const target of made) {
    const program = { path: executableName(target), content: await executable(target), executable: true };
    const name = archiveName(target, version);
    const files = [program, ...beside];
    write(name, target.os === 'win32' ? zip(files) : tarGz(files));
  }
  const bill = billOfMaterials(version, JSON.parse(read('package-lock.json').toString()).packages);
  write(`cli-proxy-api-${version}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);
  const homepage = owner.repository;
  const release = {
    version,
    description,
    homepage,
    downloads: `${homepage}/releases/download/v${version}`,
    sums,
  };
  write('cli-proxy-api.rb', homebrewFormula(release, made));
  write('cli-proxy-api.scoop.json', `${JSON.stringify(scoopManifest(release, made), null, 2)}\n`);
  const list = releaseList(version, made, sums);
  write('latest.json', list);
  const signature = listSignature(list);
  if (signature !== undefined) write('latest.json.minisig', signature);
  const lines = Object.entries(sums).map(([name, sum]) => `${sum}  ${name}\n`);
  writeFileSync(join(out, 'SHA256SUMS'), lines.join(''));
  written(out, Object.keys(sums).length + 1);
}

/** Undefined where no key was given. Throws where the programs would not believe the key. */
function listSignature(list: string): string | undefined {
  const file = values['signing-key'];
  const text = file === undefined ? process.env.RELEASE_SIGNING_KEY : readFileSync(file, 'utf8');
  if (!text) {
    console.log('latest.json is not signed: no signing key was given.');
    return undefined;
  }
  const key = releaseKey(text);
  const known: readonly string[] = owner.updateKeys;
  if (known.length > 0 && !known.includes(key.publicKey))
    throw new Error(`no program would believe the signing key: ${key.publicKey} is not in owner.json`);
  return key.signature(list, `cli-proxy-api ${version}`);
}

/** Under the names that the shells look for. */
function completionFiles(): ArchivedFile[] {
  const names = { bash: 'cli-proxy-api.bash', zsh: '_cli-proxy-api', fish: 'cli-proxy-api.fish' } as const;
  return (['bash', 'zsh', 'fish'] as const).map((shell) => ({
    path: `completions/${names[shell]}`,
    content: Buffer.from(completionScript(shell, commands)),
  }));
}

async function npmPackages(): Promise<void> {
  const out = values.out ?? join(project, 'dist/npm');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const here = targetHere();
  const made = wanted(values.all ? targets : here === undefined ? [] : [here]);
  const published = {
    version,
    description,
    license,
    scope: owner.npmScope,
    repository: owner.stillToSet.includes('repository') ? undefined : owner.repository,
  };
  const texts = { license: read('LICENSE'), readme: read('README.md') };
  const launcher = launcherPackage(published, targets, read('scripts/release/launcher.mjs'), texts);
  writeFileSync(join(out, tarballName('cli-proxy-api', version)), tarGz(launcher));
  for (const target of made) {
    const files = platformPackage(published, target, await executable(target), texts);
    writeFileSync(join(out, tarballName(`${owner.npmScope}/${target.name}`, version)), tarGz(files));
  }
  written(out, made.length + 1);
}

function written(out: string, count: number): void {
  console.log(`\n${count} files in ${relative(process.cwd(), out) || '.'}`);
  if (owner.stillToSet.length > 0)
    console.log(
      `Not to be published yet: owner.json still has placeholders (${owner.stillToSet.join(', ')}).`,
    );
}
