/** Everything that begins with `auth`, in the order of help. */
import type { Command } from '../command.ts';
import { decrypt, encrypt } from './encryption-commands.ts';
import { command as exportAccount } from './export-account.ts';
import { command as importAccount } from './import-account.ts';
import { command as list } from './list.ts';
import { authOverview } from './overview.ts';
import { command as refresh } from './refresh.ts';
import { command as remove } from './remove.ts';
import { command as reset } from './reset.ts';
import { signInCommands } from './sign-in-command.ts';
import { command as status } from './status.ts';
import { command as vertex } from './vertex.ts';

const named: readonly Command[] = [
  ...signInCommands,
  vertex,
  list,
  status,
  refresh,
  reset,
  remove,
  importAccount,
  exportAccount,
  encrypt,
  decrypt,
];

export const authCommands: readonly Command[] = [authOverview(named), ...named];
