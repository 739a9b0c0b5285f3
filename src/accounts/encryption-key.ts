/** Where the key that account files are encrypted with comes from: the setting itself, a file, or the system's keychain. */
import { homedir } from 'node:os';
import { readBoundedFile } from '../ground/bounded-file.ts';
import { reasonOf } from '../ground/reason.ts';

export type EncryptionKey = { ok: true; key: string } | { ok: false; message: string };

/** What reading a key may use; tests give their own. */
export interface KeySources {
  readFile: (path: string) => Promise<string>;
  /** Output of a program; throws when it cannot be run or fails. */
  run: (command: readonly string[]) => Promise<string>;
  platform: string;
}

/** A key shorter than this could be guessed: 16 random characters of the alphabet are 75 bits. */
const SHORTEST_KEY = 16;
/** Of a file that holds a key. */
const mostBytes = 65_536;
const DEFAULT_ENTRY = 'cli-proxy-api';

/**
 * The key that `auth-encryption-key` names: `file:<path>`, `keychain:` or `keychain:<service>` of the operating system, else
 * the text itself. White space around it does not count. The message goes on after the name of the setting, and never shows the key.
 */
export async function readEncryptionKey(
  setting: string,
  sources: KeySources = systemSources,
): Promise<EncryptionKey> {
  const [, scheme, rest = ''] = /^(file|keychain):(.*)$/s.exec(setting.trim()) ?? [];
  const found =
    scheme === 'file'
      ? await fromFile(rest, sources)
      : scheme === 'keychain'
        ? await fromKeychain(rest || DEFAULT_ENTRY, sources)
        : { ok: true as const, key: setting };
  if (!found.ok) return found;
  const key = found.key.trim();
  if (key.length >= SHORTEST_KEY) return { ok: true, key };
  return {
    ok: false,
    message: `expected ${SHORTEST_KEY} characters or more, found ${key.length}`,
  };
}

async function fromFile(path: string, { readFile }: KeySources): Promise<EncryptionKey> {
  const file = path.replace(/^~(?=\/)/, homedir());
  try {
    return { ok: true, key: await readFile(file) };
  } catch (error) {
    return { ok: false, message: `cannot read ${file}: ${reasonOf(error)}` };
  }
}

/** The programs that print a secret, as the systems' own manuals give them. */
const READERS: Readonly<Record<string, (service: string) => readonly string[]>> = {
  darwin: (service) => ['security', 'find-generic-password', '-s', service, '-w'],
  linux: (service) => ['secret-tool', 'lookup', 'service', service],
};

async function fromKeychain(service: string, { run, platform }: KeySources): Promise<EncryptionKey> {
  const command = READERS[platform]?.(service);
  if (!command)
    return {
      ok: false,
      message: `keychain: is not supported on ${platform}; use file:`,
    };
  try {
    return { ok: true, key: await run(command) };
  } catch (error) {
    return {
      ok: false,
      message: `\`${command.join(' ')}\` gave no key: ${reasonOf(error)}`,
    };
  }
}

const systemSources: KeySources = {
  async readFile(path) {
    const read = await readBoundedFile(path, mostBytes);
    if (read.kind === 'no-file') throw new Error('it is no regular file');
    if (read.kind === 'too-large') throw new Error(`it is larger than ${mostBytes} bytes`);
    return read.bytes.toString();
  },
  async run(command) {
    const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
    const [output, complaint, status] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (status !== 0) throw new Error(complaint.trim() || `it ended with status ${status}`);
    return output;
  },
  platform: process.platform,
};
