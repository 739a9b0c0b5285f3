/** From the arguments of the process to the name of its exit code. */
import { errorCode } from '../ground/error-code.ts';
import { reasonOf } from '../ground/reason.ts';
import { withShortLines } from '../ground/shortened.ts';
import { fromPeerFlags } from './auth/peer-flags.ts';
import type { Command } from './command.ts';
import type { Ending } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { Shell } from './shell.ts';
import { version } from './version.ts';

/** Runs what `args` ask for. Never throws: whatever goes wrong is a sentence on stderr and an ending. */
export async function run(args: string[], shell: Shell): Promise<Ending> {
  try {
    return await dispatch(args, shell);
  } catch (error) {
    return report(error, shell);
  }
}

async function dispatch(args: string[], shell: Shell): Promise<Ending> {
  const first = args[0];
  if (first === '--version' || first === '-v' || first === '-version') {
    shell.out.write(`cli-proxy-api ${version}\n`);
    return 'ok';
  }
  if (first === '--help' || first === '-h' || first === '-help') {
    const { overviewOf } = await import('./help-command.ts');
    shell.out.write(overviewOf((await import('./commands.ts')).commands));
    return 'ok';
  }
  const login = fromPeerFlags(args);
  if (login !== undefined) return dispatch(login, shell);
  // No command, but perhaps options: `cli-proxy-api --config FILE` serves, as the peer does. The start of a gateway does
  // not wait for the other commands to be loaded.
  if (first === undefined || first.startsWith('-')) return (await serve()).start(args, shell);
  if (first === 'serve') return (await serve()).start(args.slice(1), shell);
  if (first === '__complete') {
    const { completeNames } = await import('./completion/look-up.ts');
    return completeNames(args[1], shell);
  }
  const { findCommand } = await import('./find-command.ts');
  const { command, rest } = findCommand(args, (await import('./commands.ts')).commands);
  return command.start(rest, shell);
}

async function serve(): Promise<Command> {
  return (await import('./serve.ts')).command;
}

function report(error: unknown, shell: Shell): Ending {
  const { err } = shell;
  const failure = error instanceof Failure ? error : undefined;
  const message = withShortLines(reasonOf(error));
  err.write(`${err.style('red', 'cli-proxy-api:')} ${message}\n`);
  if (failure?.hint !== undefined) err.write(`${failure.hint}\n`);
  if (failure !== undefined) return failure.ending;
  // What was named is no file that there could be, whichever command looked for it.
  if (errorCode(error) === 'ENAMETOOLONG') return 'failure';
  // A defect of the program, not of its use: a report needs its location.
  if (shell.env.CLI_PROXY_API_TRACE && error instanceof Error) err.write(`${error.stack}\n`);
  else err.write('This is a defect. CLI_PROXY_API_TRACE=1 in the environment shows where, for a report.\n');
  return 'failure';
}
