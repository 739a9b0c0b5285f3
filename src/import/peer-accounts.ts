/** Account files of another directory: which of them can be copied, and whose login would have two owners then. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { accountFilesIn, unreadDirectories } from '../accounts/account-directory.ts';
import { parseAccount } from '../accounts/account-file.ts';
import { readBoundedFile } from '../ground/bounded-file.ts';
import { errorCode } from '../ground/error-code.ts';
import { accountProviders } from '../providers/registry.ts';
import type { ImportPlan } from './plan.ts';

/** Bytes of one file. */
const mostBytes = 1024 * 1024;

/** Adds what is in the directory; one that is not there, or was looked at already, adds nothing. */
export async function addAccountFiles(directory: string, plan: ImportPlan): Promise<void> {
  const real = await realpath(directory).catch(() => undefined);
  if (real === undefined || plan.files.some(({ path }) => dirname(path) === real)) return;
  const names = await accountFilesIn(real);
  if (!names.ok) {
    plan.left.push({ title: directory, reason: names.problem.message });
    return;
  }
  for (const name of names.files) await addFile(join(real, name), plan);
  for (const { file, message } of await unreadDirectories(real))
    plan.left.push({ title: file, reason: message });
}

async function addFile(path: string, plan: ImportPlan): Promise<void> {
  const name = basename(path);
  const read = await readBoundedFile(path, mostBytes).catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? undefined : ('unreadable' as const),
  );
  if (read === 'unreadable') {
    plan.left.push({ title: name, reason: 'it cannot be read by this user' });
    return;
  }
  if (read?.kind !== 'read') {
    plan.left.push({ title: name, reason: 'it is no file of up to 1 MiB' });
    return;
  }
  const text = read.bytes.toString();
  const parsed = parseAccount(path, text);
  if (!parsed.ok) {
    plan.left.push({ title: name, reason: parsed.problem.message.replace(`${name}: `, '') });
    return;
  }
  const { kind, tokens, facts } = parsed.account;
  plan.files.push({
    path,
    kind,
    text,
    title: facts.email === undefined ? name : `${name} (${facts.email})`,
    rotates: tokens.refreshToken !== undefined && accountProviders[kind].refreshTokenStays !== true,
  });
}
