import { parsePort } from './arguments.ts';
import { defineCommand } from './command.ts';
import { listening } from './listening.ts';
import { serveUntilStopped } from './signals.ts';

export const command = defineCommand('sandbox', {
  summary: 'Run the sandbox provider alone: every provider API on this computer, for trying and testing',
  options: {
    port: { type: 'string', value: 'N', meaning: 'Port to listen on; 0, the default, takes a free one' },
    'any-model': { type: 'boolean', meaning: 'Answer for model names that no provider has, too' },
    host: { type: 'string', value: 'HOST', meaning: 'Address to listen on (127.0.0.1)' },
  },
  async run({ values }, shell) {
    const port = values.port === undefined ? 0 : parsePort(values.port);
    const anyModel = values['any-model'] === true;
    const hostname = values.host ?? '127.0.0.1';
    const { startSandbox } = await import('../../sandbox/start.ts');
    const sandbox = await listening({ host: hostname, port }, () =>
      startSandbox({ port, hostname, anyModel }),
    );
    // Before it reports that it serves: a reader of that may stop it at once.
    const ended = serveUntilStopped(sandbox.stop, shell);
    shell.out.write(`The sandbox answers at ${shell.out.style('cyan', sandbox.url)}

  curl ${sandbox.url}/v1/chat/completions -H 'Authorization: Bearer any' -H 'Content-Type: application/json' \\
    -d '{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}'

It speaks OpenAI Chat, OpenAI Responses, Anthropic Messages and Gemini; any key is good.
It has accounts too: ${shell.out.style('cyan', `${sandbox.url}/sandbox/accounts.yaml`)} is the configuration that
sends every login there. Ctrl-C stops it.
`);
    return ended;
  },
});
