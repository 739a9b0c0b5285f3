import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceCommands, servicePlace } from '../../src/cli/service/actions.ts';
import { passingPath } from '../../src/cli/service/program-path.ts';
import { type ServiceFacts, serviceText } from '../../src/cli/service/unit.ts';
import { emptyDirectory, run } from './program.ts';

const facts: ServiceFacts = {
  program: '/opt/Grüße & "mehr" 100%/cli-proxy-api',
  config: '/home/ada lovelace/gätewäy/config $HOME.yaml',
  authDir: '/home/ada lovelace/accounts',
  system: false,
  home: '/home/ada lovelace',
  user: 'ada <l>',
  stopSeconds: 45,
};
const managers = ['systemd', 'launchd', 'task-scheduler'] as const;
const root = process.getuid?.() === 0;

/** Parses it by Python's own parser: gives what the script prints. */
function parsed(script: string, text: string): string {
  const run = Bun.spawnSync(['python3', '-c', script], { stdin: Buffer.from(text), stderr: 'pipe' });
  expect(run.stderr.toString()).toBe('');
  return run.stdout.toString();
}

describe('the systemd unit', () => {
  test.each([true, false])('is one that systemd-analyze verifies, for the system: %p', (system) => {
    using here = emptyDirectory();
    const program = join(here.path, 'a program', 'cli-proxy-api');
    mkdirSync(join(here.path, 'a program'));
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    const file = join(here.path, 'cli-proxy-api.service');
    writeFileSync(file, serviceText('systemd', { ...facts, program, system }));
    const check = ['systemd-analyze', ...(system || root ? [] : ['--user']), 'verify', file];
    const { exitCode, stderr } = Bun.spawnSync(check, { stderr: 'pipe' });
    // What other units of the computer are complained about is not ours.
    const ours = stderr
      .toString()
      .split('\n')
      .filter((line) => line.includes('cli-proxy-api'));
    expect(ours).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test('keeps spaces, quotes, per cent and dollar signs of paths as they are', () => {
    const unit = serviceText('systemd', facts);
    expect(unit).toContain(
      'ExecStart="/opt/Grüße & \\"mehr\\" 100%%/cli-proxy-api" serve --config "/home/ada lovelace/gätewäy/config $$HOME.yaml"',
    );
    expect(unit).toContain('ReadWritePaths="-/home/ada lovelace/accounts" "-/home/ada lovelace/gätewäy"');
    expect(unit).not.toContain('User=');
    expect(serviceText('systemd', { ...facts, system: true })).toContain('User=cli-proxy-api');
  });
});

test('the property list of launchd is parsed, and has the words of the command', () => {
  const script =
    'import plistlib,sys,json;p=plistlib.loads(sys.stdin.buffer.read());print(json.dumps([p["ProgramArguments"],p["KeepAlive"],p["StandardErrorPath"]]))';
  const [words, keepAlive, log] = JSON.parse(parsed(script, serviceText('launchd', facts)));
  expect(words).toEqual([facts.program, 'serve', '--config', facts.config]);
  expect(keepAlive).toEqual({ SuccessfulExit: false });
  expect(log).toBe('/home/ada lovelace/Library/Logs/cli-proxy-api.log');
});

test('the task of Windows is parsed, and starts the program at the logon of the user', () => {
  const text = serviceText('task-scheduler', facts);
  const script =
    'import sys,json,xml.etree.ElementTree as e;r=e.fromstring(sys.stdin.buffer.read());n="{http://schemas.microsoft.com/windows/2004/02/mit/task}";f=lambda k:r.find(".//"+n+k).text;print(json.dumps([f("Command"),f("Arguments"),f("UserId"),f("Hidden")]))';
  expect(JSON.parse(parsed(script, text))).toEqual([
    facts.program,
    `serve --config "${facts.config}"`,
    facts.user,
    'true',
  ]);
});

test.each([
  '/home/a/.npm/_npx/1f2e/node_modules/@scope/linux-x64/bin/cli-proxy-api',
  '/home/a/project/node_modules/@scope/linux-x64/bin/cli-proxy-api',
  '/opt/homebrew/Cellar/cli-proxy-api/0.1.0/bin/cli-proxy-api',
  'C:\\Users\\a\\AppData\\Local\\npm-cache\\_npx\\1\\node_modules\\x\\bin\\cli-proxy-api.exe',
])('%s does not last, so that no service starts it', (path) => {
  expect(passingPath(path)).toBeDefined();
});

test.each([
  '/usr/local/bin/cli-proxy-api',
  '/opt/homebrew/bin/cli-proxy-api',
  '/home/a/src/bin/cli-proxy-api',
])('%s lasts', (path) => {
  expect(passingPath(path)).toBeUndefined();
});

test('each service manager has a place and commands for each action', () => {
  for (const manager of managers)
    for (const system of [true, false]) {
      const place = servicePlace(manager, { ...facts, system });
      expect(place).toStartWith('/');
      for (const action of ['install', 'uninstall', 'start', 'stop', 'status'] as const)
        expect(serviceCommands(manager, action, { ...facts, system }, 501).length).toBeGreaterThan(0);
    }
});

test('service print needs no config and no service manager, and writes nothing', async () => {
  using here = emptyDirectory();
  for (const manager of managers) {
    const printed = await run(['service', 'print', '--for', manager], {
      cwd: here.path,
      env: { PATH: '/usr/bin:/bin' },
    });
    expect(printed).toMatchObject({ err: '', code: 0 });
    expect(printed.out).toContain('serve');
  }
  expect(existsSync(join(here.path, '.config'))).toBe(false);
});

test('service install without a config says what to do, and writes nothing', async () => {
  using here = emptyDirectory();
  const { err, code } = await run(['service', 'install'], { cwd: here.path });
  expect(code).not.toBe(0);
  expect(err).toMatch(/there is no config|does not last|lies in/);
  expect(existsSync(join(here.path, '.config'))).toBe(false);
});

test('help shows service as one line, and service lists what it can do', async () => {
  using here = emptyDirectory();
  const help = await run(['help'], { cwd: here.path });
  expect(help.out.match(/^ {2}service\b.*$/gm)).toHaveLength(1);
  const { out, code } = await run(['service'], { cwd: here.path });
  expect(code).toBe(0);
  for (const name of ['install', 'uninstall', 'start', 'stop', 'status', 'print'])
    expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  const wrong = await run(['service', 'instal'], { cwd: here.path });
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('service install') });
});
