import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { Failure } from './failure.ts';

export const command = defineCommand('console', {
  summary: 'Open the console of the running gateway in the browser, signed in',
  options: {
    config: configOption,
    print: { type: 'boolean', meaning: 'Print the address instead: it signs in once, within a minute' },
  },
  details: `The gateway that runs with the same auth-dir issues a ticket; no key is needed. docs/console.md shows the pages.`,
  async run({ values }, shell) {
    const { configInForce } = await import('./config-in-force.ts');
    const { notRunning, responseOf } = await import('./running-gateway.ts');
    const config = await configInForce(values.config, shell);
    const directory = config['auth-dir'];
    const [ticket, gateway] = await Promise.all([
      responseOf(directory, 'console-ticket', 'POST'),
      responseOf(directory, 'gateway', 'GET'),
    ]);
    if (ticket === undefined || gateway === undefined)
      throw notRunning(directory, 'The console is a part of the gateway that runs: start it with serve.');
    if (!ticket.ok)
      throw new Failure(
        'failure',
        'there is no console',
        'Set remote-management.disable-control-panel: false.',
      );
    const { ticket: secret }: { ticket: string } = JSON.parse(await ticket.text());
    const { gateway: status }: { gateway: { url: string } } = JSON.parse(await gateway.text());
    const address = `${status.url}/console/#ticket=${secret}`;
    if (values.print) {
      shell.out.write(`${address}\n`);
      return 'ok' as const;
    }
    const { browserCommands, openBrowser } = await import('./auth/browser-window.ts');
    const opened = openBrowser(browserCommands(shell.env, process.platform), address);
    shell.out.write(
      opened
        ? `The console is at ${status.url}/console/ and opens in your browser.\n`
        : `Open this address in a browser within a minute; it signs in once:\n  ${address}\n`,
    );
    return 'ok' as const;
  },
});
