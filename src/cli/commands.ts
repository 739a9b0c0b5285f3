/** All commands in the order of help. What is heavy to load, each command loads when it runs. */
import { authCommands } from './auth/commands.ts';
import type { Command } from './command.ts';
import { command as configCheck } from './config-check.ts';
import { command as explain } from './explain.ts';
import { helpCommand } from './help-command.ts';
import { command as models } from './models.ts';
import { command as modelsUpdate } from './models-update.ts';
import { command as sandbox } from './sandbox.ts';
import { command as serve } from './serve.ts';
import { command as translate } from './translate.ts';
import { command as version } from './version.ts';

const working = [
  serve,
  ...authCommands,
  configCheck,
  models,
  modelsUpdate,
  explain,
  translate,
  sandbox,
  version,
];

/** Every command; the first is what `run` starts without one. */
export const commands: readonly Command[] = [...working, helpCommand(working)];
