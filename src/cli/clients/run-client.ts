import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';
import { modelOption, urlOption } from './connection-options.ts';

export const command = defineCommand('run', {
  summary: 'Start a client on this gateway, with everything set for this session: run claude',
  words: { shown: 'CLIENT [-- ARGUMENTS]', limit: 1 },
  passesArguments: true,
  options: {
    config: configOption,
    model: modelOption,
    key: { type: 'string', value: 'NAME', meaning: 'The client key of this name in the config' },
    url: urlOption,
  },
  details: `Clients: claude, codex, gemini, qwen, opencode, aider, goose, cline.
Arguments after "--" are passed to the client: cli-proxy-api run claude -- -p "say hi"
No file is written: addresses, key and models are in the environment and the arguments of this one process. If the gateway
has client keys, the one named after the client is used, else the first that the config does not store as a hash;
CLI_PROXY_API_CLIENT_KEY in the environment overrides both. The client's model sizes are mapped, too, so that its
subagents use served models. The exit code is the client's.`,
  async run({ values, positionals: [name] }, shell, rest) {
    // Asking the gateway takes the proxies out of the environment; the client keeps them.
    const env = { ...shell.env };
    const { findClient } = await import('./find-client.ts');
    const { configInForce } = await import('../config-in-force.ts');
    const { addressOf } = await import('../running-address.ts');
    const { connectionTo, keyFor, noReadableKey, servedModels } = await import('./served.ts');
    const { givenUrl } = await import('./given-url.ts');
    const client = findClient(name, 'run', (one) => one.session !== undefined);
    const given = givenUrl(values.url);
    const { program, session } = client;
    if (program === undefined || session === undefined) throw new Error(`${client.name} cannot be started`);
    const path = Bun.which(program.command, { PATH: env.PATH ?? '' });
    if (path === null)
      throw new Failure(
        'unavailable',
        `${client.title} is not installed: there is no "${program.command}" in PATH`,
        `Install it: ${program.install}`,
      );
    const config = await configInForce(values.config, shell);
    const key = keyFor(config, client, values.key, env);
    if (key === undefined) throw noReadableKey();
    const url = given ?? (await addressOf(config));
    const served = await servedModels(url, key);
    const connection = connectionTo(client, { url, key, served, wanted: values.model });
    const { startClient } = await import('./started-client.ts');
    const start = (directory: string) => session(connection, directory);
    shell.err.write(`${client.title} on ${connection.model} (${url})\n`);
    await startClient({ path, env, start, rest });
    return 'ok' as const;
  },
});
