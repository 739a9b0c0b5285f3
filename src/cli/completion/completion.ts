import { type Command, defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { shells } from './completed-commands.ts';

/** `completion SHELL` over all commands, which are complete only when this one is among them. */
export function completionCommand(all: () => readonly Command[]): Command {
  return defineCommand('completion', {
    summary: 'Print the script by which a shell completes commands, options, models and accounts',
    words: { shown: 'SHELL', limit: 1 },
    options: {},
    details: `SHELL is bash, zsh, fish or powershell:
  source <(cli-proxy-api completion bash)                             in ~/.bashrc
  cli-proxy-api completion zsh > "\${fpath[1]}/_cli-proxy-api"
  cli-proxy-api completion fish > ~/.config/fish/completions/cli-proxy-api.fish
  cli-proxy-api completion powershell | Out-String | Invoke-Expression   in $PROFILE
Names of models come from the running gateway, at most 300 ms long.`,
    async run({ positionals: [wanted] }, shell) {
      const name = shells.find((one) => one === wanted);
      if (name === undefined)
        throw new Failure('usage', `no shell "${wanted ?? ''}"`, `Use one of: ${shells.join(', ')}.`);
      const { completionScript } = await import('./scripts.ts');
      shell.out.write(completionScript(name, all()));
      return 'ok' as const;
    },
  });
}
