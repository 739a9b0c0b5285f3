import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '../../accounts/account-lock.ts';
import { signInCommand } from '../../accounts/sign-in-command.ts';
import { openStore } from '../auth/accounts.ts';
import { authDirFault, credentialFault } from '../start-checks.ts';
import { type Examined, type Finding, fail, ok, type Subject, shellWord, skip, warn } from './check.ts';

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
const otherLogins = ['.codex/auth.json', '.claude/.credentials.json', '.qwen/oauth_creds.json'];

/** The directory of the accounts, and what is in it. */
export const accountChecks: Subject = async (examined) => {
  const directory = examined.config['auth-dir'];
  const unusable = await authDirFault(directory);
  if (unusable !== undefined)
    return [
      fail('accounts.directory', `${unusable.message}.`, unusable.hint),
      ...(await answering(examined)),
    ];
  if (!existsSync(directory))
    return [
      ...(await answering(examined)),
      skip('accounts.directory', `${directory} is not there yet: the first start or login makes it.`),
    ];
  return [
    ...(await answering(examined)),
    await modes(directory),
    await locks(directory),
    ...(await logins(examined)),
    await sharedLogins(examined),
    await journals(directory),
  ];
};

/** Whether anybody can answer. Without a config the first start writes one that has the sandbox. */
async function answering({ config, loaded }: Examined): Promise<Finding[]> {
  const id = 'accounts.any';
  if (!loaded?.ok) return [];
  const fault = await credentialFault(config);
  if (fault !== undefined) return [warn(id, `There is ${fault.message}.`, 'cli-proxy-api auth')];
  return [ok(id, 'There is a key, an account or the sandbox to answer.')];
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
      `${directory} lies on ${kind}, where locks do not hold: two gateways could spend one refresh token.`,
      'move auth-dir to a local disk',
    );
  const folder = await mkdtemp(join(directory, '.doctor-'));
  try {
    const options = { timeout: 100, now: Date.now, wait: Bun.sleep };
    const held = await lockFile(join(folder, 'a'), options);
    if (!held.ok) return fail(id, `Nothing can be locked in ${directory}.`, 'move auth-dir to a local disk');
    await held.release();
    return ok(id, 'Locks work in the directory of the accounts.');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function logins({ config }: Examined): Promise<Finding[]> {
  const id = 'accounts.logins';
  try {
    const { accounts, problems } = await (await openStore(config)).list();
    const [problem] = problems;
    const unread =
      problem === undefined
        ? []
        : [warn('accounts.files', `${problem.file}: ${problem.message}.`, 'cli-proxy-api auth list')];
    const ended = accounts.flatMap(({ id: name, kind, facts, standing }) =>
      standing.kind === 'good'
        ? []
        : [fail(id, `${name} needs a new login: ${standing.reason}.`, signInCommand({ kind, facts }))],
    );
    return [
      ...unread,
      ...(ended.length > 0 ? ended : [ok(id, `${accounts.length} accounts, all signed in.`)]),
    ];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [
      fail(
        'accounts.encryption',
        message,
        'set auth-encryption-key to the key that the files were encrypted with',
      ),
    ];
  }
}

/** A refresh token that another program has, too: whoever spends it first logs the other one out. */
async function sharedLogins({ config, home }: Examined): Promise<Finding> {
  const id = 'accounts.shared-login';
  const theirs = new Map<string, string>();
  for (const name of otherLogins) {
    const file = join(home, name);
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
          'sign in anew with "cli-proxy-api auth", which gets a login of its own',
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
        `${left.length} renewals were broken off; the next start finishes them.`,
        'cli-proxy-api serve',
      );
}
