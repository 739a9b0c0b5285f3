import { parsePort } from './arguments.ts';
import { defineCommand } from './command.ts';
import { listening } from './listening.ts';
import { serveUntilStopped } from './signals.ts';

export const command = defineCommand({
  name: 'sandbox',
  summary: 'Run the sandbox provider alone: every provider API on this computer, answering without a key',
  options: {
    port: { type: 'string', value: 'N', meaning: 'Port to listen on; 0, the default, takes a free one' },
    host: { type: 'string', value: 'HOST', meaning: 'Address to listen on (127.0.0.1)' },
  },
  async run({ values }, shell) {
    const port = values.port === undefined ? 0 : parsePort(values.port);
    const hostname = values.host ?? '127.0.0.1';
    const { startSandbox } = await import('../sandbox/start.ts');
    const sandbox = await listening({ host: hostname, port }, () => startSandbox({ port, hostname }));
    shell.out.write(`The sandbox answers at ${shell.out.style('cyan', sandbox.url)}

  curl ${sandbox.url}/v1/chat/completions -H 'Content-Type: application/json' \\
    -d '{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}'

Ctrl-C stops it.
`);
    return serveUntilStopped(async () => sandbox.stop(), shell);
  },
});
