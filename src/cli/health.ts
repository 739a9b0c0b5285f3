import { reasonOf } from '../ground/reason.ts';
import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { Failure } from './failure.ts';

/** Milliseconds to wait for an answer: a gateway that needs longer is not well. */
const patience = 5_000;

export const command = defineCommand('health', {
  summary: 'Check whether the gateway responds; exits with 0 or 1, for containers and scripts',
  options: {
    config: configOption,
    ready: {
      type: 'boolean',
      meaning: 'Check readiness, too (/readyz instead of /livez)',
    },
    url: { type: 'string', value: 'URL', meaning: 'Check this gateway instead of that of the config' },
  },
  details: `The address is that of the gateway that runs with the config's auth-dir, else the port of the config.
Only the health check itself is sent, and no certificate is verified.`,
  async run({ values }, shell) {
    const { configInForce } = await import('./config-in-force.ts');
    const { addressOf } = await import('./running-address.ts');
    const { givenUrl } = await import('./clients/given-url.ts');
    const base = givenUrl(values.url) ?? (await addressOf(await configInForce(values.config, shell)));
    const path = values.ready ? '/readyz' : '/livez';
    const answer = await asked(`${base}${path}`);
    if (answer.ok) {
      shell.out.write(`${values.ready ? 'ready' : 'alive'}: ${base}\n`);
      return 'ok' as const;
    }
    throw new Failure('failure', `${base}${path} responds with ${answer.status}: ${answer.text}`);
  },
});

async function asked(url: string): Promise<{ ok: boolean; status: number; text: string }> {
  const { takeProxies } = await import('../gateway/upstream/proxy.ts');
  // A proxy of the environment is for providers: asked for 127.0.0.1, it would look on its own computer.
  takeProxies(process.env);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(patience),
      redirect: 'manual',
      // The certificate is for the name that clients use, and nothing is sent.
      tls: { rejectUnauthorized: false },
    });
    return { ok: response.ok, status: response.status, text: (await response.text()).slice(0, 500) };
  } catch (error) {
    throw new Failure(
      'failure',
      `${url} does not answer: ${reasonOf(error)}`,
      'Start it with "cli-proxy-api serve", or name its config with --config FILE.',
    );
  }
}
