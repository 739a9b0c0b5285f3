import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '../../accounts/account-lock.ts';
import type { AccountProblem } from '../../accounts/account-problem.ts';
import { hiddenFile } from '../../accounts/atomic-write.ts';
import { signInCommand } from '../../accounts/sign-in-command.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../ground/clock.ts';
import { counted } from '../../ground/counted.ts';
import { foreignOwner } from '../../ground/file-owner.ts';
import { reasonOf } from '../../ground/reason.ts';
import { openStore } from '../auth/accounts.ts';
import { askRunning } from '../running-gateway.ts';
import { authDirFault, credentialFault } from '../start-checks.ts';
import {
  type Examined,
  type Finding,
  fail,
  ok,
  patience,
  type Subject,
  shellWord,
  skip,
  warn,
} from './check.ts';

/** Filesystems whose locks do not hold between computers, by their magic number; source: statfs(2). */
const remote: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'SMB',
  4266872130: 'SMB2',
  16914839: '9p',
  1702057286: 'FUSE',
};
/** Where other programs keep logins whose refresh tokens work once; source: their own documentation. */
const otherLogins: readonly { variable: string | undefined; folder: string; file: string }[] = [
  { variable: 'CODEX_HOME', folder: '.codex', file: 'auth.json' },
  { variable: 'CLAUDE_CONFIG_DIR', folder: '.claude', file: '.credentials.json' },
  { variable: undefined, folder: '.qwen', file: 'oauth_creds.json' },
];

/** The directory of the accounts, and what is in it. */
export const accountChecks: Subject = async (examined) => {
  const directory = examined.config['auth-dir'];
  const unusable = await authDirFault(directory);
  if (unusable !== undefined)
    return [
      fail('accounts.directory', `${unusable.message}.`, unusable.hint),
      ...(await owners(directory)),
      ...(await answering(examined)),
    ];
  if (!existsSync(directory))
    return [
      ...(await answering(examined)),
      skip('accounts.directory', `${directory} does not exist yet: the first start or login creates it.`),
    ];
  return [
    ...(await answering(examined)),
    await modes(directory),
    ...(await owners(directory)),
    await locks(directory),
    await onlyGateway(directory),
    ...(examined.config.cluster === undefined && examined.isRead ? await loginFindings(examined.config) : []),
    await sharedLogins(examined),
    await journals(directory),
  ];
};

/** Whether anybody can answer. Without a config the first start writes one that has the sandbox. */
async function answering({ config, loaded }: Examined): Promise<Finding[]> {
  const id = 'accounts.any';
  if (!loaded?.ok) return [];
  if (config.cluster !== undefined) return [skip(id, 'The accounts are those of the cluster.')];
  const fault = await credentialFault(config);
  if (fault !== undefined) return [warn(id, `There is ${fault.message}.`, 'cli-proxy-api auth')];
  return [ok(id, 'There is a key, an account or the sandbox to answer.')];
}

/** Files of another user, which this program may not read or replace. */
async function owners(directory: string): Promise<Finding[]> {
  const id = 'accounts.owner';
  if (process.platform === 'win32') return [skip(id, 'Windows has no owners by number.')];
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json'));
  for (const path of [directory, ...names.map((name) => join(directory, name))]) {
    const owner = await foreignOwner(path);
    const uid = process.getuid?.();
    if (owner !== undefined && uid !== undefined)
      return [
        fail(id, `${path}: ${owner}.`, `sudo chown -R ${uid}:${process.getgid?.()} ${shellWord(directory)}`),
      ];
  }
  return [ok(id, 'The files of the accounts may be read and replaced.')];
}

/** A process that has the directory and does not answer: a gateway that hangs, or one of another container. */
async function onlyGateway(directory: string): Promise<Finding> {
  const id = 'accounts.gateway';
  if ((await askRunning(directory, 'gateway', 'GET', patience).catch(() => undefined)) !== undefined)
    return ok(id, 'One gateway runs with this directory, and answers.');
  if (!existsSync(hiddenFile(join(directory, 'gateway'), 'lock')))
    return ok(id, 'No gateway runs with this directory.');
  const lock = await lockFile(join(directory, 'gateway'), {
    timeout: 0,
    now: systemClock.now,
    wait: systemClock.wait,
  });
  if (lock.ok) {
    lock.release();
    return ok(id, 'No gateway runs with this directory.');
  }
  return fail(
    id,
    `Another process has ${directory} and does not answer: a gateway that hangs, or one of another container.`,
    'stop it, or give this one an auth-dir of its own',
  );
}

async function modes(directory: string): Promise<Finding> {
  const id = 'accounts.directory';
  if (process.platform === 'win32') return skip(id, 'Windows has no file modes.');
  const files = (await readdir(directory))
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(directory, name));
  const open: string[] = [];
  for (const path of [directory, ...files]) if (((await stat(path)).mode & 0o077) !== 0) open.push(path);
  const [first] = open;
  if (first === undefined) return ok(id, `Only you may look into ${directory}.`);
  const word = shellWord(directory);
  return {
    ...fail(
      id,
      `Others on this computer may read ${open.length === 1 ? first : `${open.length} files in ${directory}`}.`,
      `chmod 700 ${word} && chmod 600 ${word}/*.json`,
    ),
    mend: async () => {
      for (const path of open) await chmod(path, path === directory ? 0o700 : 0o600);
    },
  };
}

/** Whether a lock that one holds keeps others out, on this filesystem. */
async function locks(directory: string): Promise<Finding> {
  const id = 'accounts.lock';
  const kind = remote[(await statfs(directory)).type];
  if (kind !== undefined)
    return fail(
      id,
      `${directory} is on ${kind}, where file locks are unreliable: two gateways could use one refresh token.`,
      'move auth-dir to a local disk',
    );
  const folder = await mkdtemp(join(directory, '.doctor-'));
  try {
    const options = { timeout: 100, now: systemClock.now, wait: systemClock.wait };
    const held = await lockFile(join(folder, 'a'), options);
    if (!held.ok) return fail(id, `Nothing can be locked in ${directory}.`, 'move auth-dir to a local disk');
    await held.release();
    return ok(id, 'Locks work in the directory of the accounts.');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The accounts themselves, wherever they are kept. */
export async function loginFindings(config: Config): Promise<Finding[]> {
  const id = 'accounts.logins';
  try {
    const { accounts, problems } = await (await openStore(config)).list();
    const unusable = problems.map(fileFinding);
    const ended = accounts.flatMap(({ id: name, kind, facts, login }) =>
      login.kind === 'good'
        ? []
        : [fail(id, `${name} needs a new login: ${login.reason}.`, signInCommand({ kind, facts }))],
    );
    return [
      ...unusable,
      ...(ended.length > 0 ? ended : [ok(id, `${counted(accounts.length, 'account')}, all signed in.`)]),
    ];
  } catch (error) {
    const message = reasonOf(error);
    return [
      fail(
        'accounts.encryption',
        message,
        'set auth-encryption-key to the key that the files were encrypted with',
      ),
    ];
  }
}

/** A file that is not used, by why. */
function fileFinding({ file, reason, message }: AccountProblem): Finding {
  const sentence = `${message}.`;
  switch (reason) {
    case 'duplicate':
      return warn('accounts.duplicate', sentence, `rm ${shellWord(file)}`);
    case 'encrypted':
      return fail(
        'accounts.encryption',
        sentence,
        'set auth-encryption-key to the key that the files were encrypted with',
      );
    default:
      return warn('accounts.files', sentence, 'cli-proxy-api auth list');
  }
}

/** A refresh token that another program has too: the first refresh logs the other one out. */
async function sharedLogins({ config, home, env }: Examined): Promise<Finding> {
  const id = 'accounts.shared-login';
  const theirs = new Map<string, string>();
  for (const { variable, folder, file: name } of otherLogins) {
    const file = join((variable && env[variable]) || join(home, folder), name);
    for (const digest of await tokenDigests(file)) theirs.set(digest, file);
  }
  const directory = config['auth-dir'];
  for (const name of (await readdir(directory)).filter((one) => one.endsWith('.json')))
    for (const digest of await tokenDigests(join(directory, name))) {
      const other = theirs.get(digest);
      if (other !== undefined)
        return fail(
          id,
          `${name} and ${other} hold the same login, whose refresh token works once: one of the two will be signed out.`,
          'sign in again with "cli-proxy-api auth", which creates a separate login',
        );
    }
  return ok(id, 'No other program holds one of these logins.');
}

async function tokenDigests(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return [...text.matchAll(/"(?:refresh_token|refreshToken)"\s*:\s*"([^"]{8,})"/g)].map(([, token = '']) =>
    createHash('sha256').update(token).digest('hex'),
  );
}

async function journals(directory: string): Promise<Finding> {
  const id = 'accounts.journal';
  const left = (await readdir(directory)).filter((name) => name.endsWith('.journal'));
  return left.length === 0
    ? ok(id, 'No renewal was broken off.')
    : warn(
        id,
        left.length === 1
          ? '1 renewal was broken off; the next start finishes it.'
          : `${left.length} renewals were broken off; the next start finishes them.`,
        'cli-proxy-api serve',
      );
}
