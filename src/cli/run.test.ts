import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { version } from '../../package.json';
import { collectedOutput } from '../../test/cli/collected-output.ts';
import { signInCommands } from './auth/sign-in-command.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { linesOf } from './lines.ts';
import { run } from './run.ts';
import type { Shell } from './shell.ts';

/** Runs the arguments against outputs that are collected instead of shown. */
async function collected(...args: string[]) {
  const out = collectedOutput();
  const err = collectedOutput();
  const nothing = {
    terminal: true,
    bytes: async () => new Uint8Array(),
    lines: () => linesOf([]),
    hidden: async () => ({ kind: 'end' }) as const,
  };
  const shell: Shell = { in: nothing, out, err, env: {} };
  return { ending: await run(args, shell), out: out.text(), err: err.text() };
}

test.each([['--help'], ['-h'], ['help']])('%s lists every command with its summary', async (argument) => {
  const { ending, out, err } = await collected(argument);
  expect(ending).toBe('ok');
  expect(err).toBe('');
  for (const { name, summary } of commands.filter(({ name }) => !/^(auth|service) /.test(name)))
    expect(out).toMatch(new RegExp(`  ${name} +${RegExp.escape(summary)}`));
});

test.each([[['auth']], [['auth', '--help']], [['help', 'auth']]])(
  '%p lists every provider and everything else that can be done with accounts',
  async (args) => {
    const { ending, out, err } = await collected(...args);
    expect({ ending, err }).toEqual({ ending: 'ok', err: '' });
    for (const { name } of commands.filter(({ name }) => name.startsWith('auth ')))
      expect(out).toMatch(new RegExp(`^  ${name.slice('auth '.length)} +\\S`, 'm'));
  },
);

test.each(commands.map(({ name }) => name))('%s --help, -h and help %s say the same', async (name) => {
  const asked = await collected(...name.split(' '), '--help');
  expect(asked.ending).toBe('ok');
  expect(asked.out).toContain(`Usage: cli-proxy-api ${name}`);
  expect(asked.out).toContain('-h, --help');
  expect(await collected(...name.split(' '), '-h')).toEqual(asked);
  expect(await collected('help', ...name.split(' '))).toEqual(asked);
});

const groups = ['auth', 'cluster', 'config', 'service'];
test.each(
  commands.filter(({ name, words }) => words !== undefined && !groups.includes(name)).map(({ name }) => name),
)('%s "" says that the argument is empty', async (name) => {
  for (const empty of ['', ' ', '\n']) {
    const { ending, out, err } = await collected(...name.split(' '), empty);
    expect([ending, out]).toEqual(['usage', '']);
    expect(err).toContain('argument 1 is empty');
  }
});

test.each(['explain .', 'explain ..', 'auth reset .', 'auth reset ..'])(
  '%s asks for no other address',
  async (line) => {
    const { ending, err } = await collected(...line.split(' '));
    expect(ending).not.toBe('ok');
    expect(err).toContain('there is no ');
  },
);

test('help is right where the rest of the line is wrong', async () => {
  expect(await collected('serve', '--prot', '80', '--help')).toEqual(await collected('serve', '--help'));
});

test.each([['version'], ['--version'], ['-v']])(
  '%s prints name and version on one line',
  async (argument) => {
    expect(await collected(argument)).toEqual({ ending: 'ok', out: `cli-proxy-api ${version}\n`, err: '' });
  },
);

test('version --json is one JSON object', async () => {
  const { out } = await collected('version', '--json');
  expect(JSON.parse(out)).toMatchObject({ name: 'cli-proxy-api', version, runtime: `bun ${Bun.version}` });
});

const mistakes: { args: string[]; says: string }[] = [
  { args: ['sevre'], says: 'cli-proxy-api: unknown command "sevre"\nDid you mean "cli-proxy-api serve"?\n' },
  {
    args: ['service', 'stat'],
    says: 'cli-proxy-api: unknown command "service stat"\nDid you mean "cli-proxy-api service start"?\n',
  },
  {
    args: ['config', 'chek', '--json'],
    says: 'cli-proxy-api: unknown command "config chek"\nDid you mean "cli-proxy-api config check"?\n',
  },
  {
    args: ['frobnicate'],
    says: 'cli-proxy-api: unknown command "frobnicate"\nRun "cli-proxy-api help" for all commands.\n',
  },
  {
    args: ['help', 'modles'],
    says: 'cli-proxy-api: unknown command "modles"\nDid you mean "cli-proxy-api models"?\n',
  },
  { args: ['--prot', '80'], says: 'cli-proxy-api: unknown option --prot\nDid you mean --port?\n' },
  {
    args: ['auth', 'gemni'],
    says: 'cli-proxy-api: auth has no provider or command "gemni"\nDid you mean "cli-proxy-api auth gemini"?\n',
  },
  {
    args: ['auth', 'codex', '--device', '--port', '9000'],
    says: 'cli-proxy-api: --device has no callback, so --callback-port means nothing beside it\n',
  },
  {
    args: ['auth', 'claude', '--callback-port', '0'],
    says: 'cli-proxy-api: --callback-port must be a port that the browser can be sent to, found "0"\n',
  },
  {
    args: ['auth', 'kimi', '--timeout', 'soon'],
    says: 'cli-proxy-api: --timeout must be a span of time such as 90s or 10m, found "soon"\n',
  },
  {
    args: ['auth', 'qwen', '--proxy-url', 'ftp://ann:secret@host'],
    says: 'cli-proxy-api: --proxy-url must be "direct" or an address that begins with http://, https://, socks5:// or socks5h://\n',
  },
  {
    args: ['auth', 'remove'],
    says: 'cli-proxy-api: which account?\nRun "cli-proxy-api auth list" for their ids.\n',
  },
  {
    args: ['auth', 'encrypt', '--rotate'],
    says: 'cli-proxy-api: --rotate and --old-key belong together\nWrite both, or neither.\n',
  },
  {
    args: ['-login', '-kimi-login'],
    says: 'cli-proxy-api: -login and -kimi-login are two logins\nDo one after the other.\n',
  },
  { args: ['-vertex-import'], says: 'cli-proxy-api: --file needs a value: --file FILE\n' },
  { args: ['serve', 'here'], says: 'cli-proxy-api: unexpected argument "here"\n' },
  {
    args: ['sandbox', '--port', 'many'],
    says: 'cli-proxy-api: --port must be a number from 0 (any free port) to 65535, found "many"\n',
  },
];
test.each(mistakes)('$args is a usage error that says what was meant', async ({ args, says }) => {
  expect(await collected(...args)).toEqual({ ending: 'usage', out: '', err: says });
});

test('each way to end has an exit code of its own', () => {
  const codes = Object.values(exitCodes).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

test('the documents show each command, each option and each exit code as the program has them', async () => {
  const docs = join(import.meta.dir, '../../docs');
  const pages = ['cli.md', ...signInCommands.map(({ name }) => `${name.replace('auth ', 'providers/')}.md`)];
  const texts = await Promise.all(
    [...pages, 'providers/vertex.md'].map((page) => Bun.file(join(docs, page)).text()),
  );
  const text = texts.join('\n');
  const wanted = [
    ...commands.map((command) => command.help().trimEnd()),
    ...Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
  ];
  expect(wanted.filter((part) => !text.includes(part))).toEqual([]);
});
