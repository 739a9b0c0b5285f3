/** All commands in the order of help. What is heavy to load, each command loads when it runs. */
import { authCommands } from './auth/commands.ts';
import { command as backup } from './backup/backup.ts';
import { command as restore } from './backup/restore.ts';
import { command as connect } from './clients/connect.ts';
import { command as runClient } from './clients/run-client.ts';
import { command as clusterAdopt } from './cluster/adopt.ts';
import type { Command } from './command.ts';
import { completionCommand } from './completion/completion.ts';
import { command as configCheck } from './config-check.ts';
import { command as configHistory } from './config-history.ts';
import { command as configImport } from './config-import.ts';
import { command as configRestore } from './config-restore.ts';
import { command as console } from './console.ts';
import { command as doctor } from './doctor/doctor.ts';
import { command as explain } from './explain.ts';
import { groupOverview } from './group-overview.ts';
import { command as health } from './health.ts';
import { helpCommand } from './help-command.ts';
import { command as importPrograms } from './import.ts';
import { command as models } from './models.ts';
import { command as modelsUpdate } from './models-update.ts';
import { command as quota } from './quota.ts';
import { command as record } from './recording/record.ts';
import { command as replay } from './recording/replay.ts';
import { command as sandbox } from './sandbox.ts';
import { command as serve } from './serve.ts';
import { serviceCommands } from './service/service.ts';
import { command as testRequest } from './test-request.ts';
import { command as translate } from './translate.ts';
import { command as uninstall } from './uninstall.ts';
import { command as update } from './update/update.ts';
import { command as usageExport } from './usage/export.ts';
import { command as usageRecompute } from './usage/recompute.ts';
import { command as usageRequests } from './usage/requests.ts';
import { command as usage } from './usage/usage.ts';
import { command as version } from './version.ts';

const configCommands: readonly Command[] = [configCheck, configHistory, configRestore, configImport];

const clusterCommands: readonly Command[] = [clusterAdopt];

const working: readonly Command[] = [
  serve,
  health,
  doctor,
  testRequest,
  ...serviceCommands,
  update,
  backup,
  restore,
  uninstall,
  ...authCommands,
  runClient,
  connect,
  importPrograms,
  groupOverview(
    {
      name: 'config',
      summary: 'Check the config file, list its versions, put one back',
      more: 'docs/configuration.md has every key of the file',
    },
    configCommands,
  ),
  ...configCommands,
  groupOverview(
    {
      name: 'cluster',
      summary: 'Move what one process has kept into a cluster of replicas',
      more: 'docs/scale-out.md has all about clusters',
    },
    clusterCommands,
  ),
  ...clusterCommands,
  models,
  modelsUpdate,
  console,
  explain,
  record,
  replay,
  quota,
  usage,
  usageRequests,
  usageExport,
  usageRecompute,
  translate,
  sandbox,
  completionCommand(() => commands),
  version,
];

/** Every command; the first is what `run` starts without one. */
export const commands: readonly Command[] = [...working, helpCommand(working)];
