/** What a person can do after a login. */
import type { Account } from '../../accounts/account.ts';
import type { Config } from '../../config/schema.ts';
import { createCatalog } from '../../credentials/catalog.ts';
import { listedCredentials } from './account-credentials.ts';

/** Milliseconds for a look at a gateway on this computer: it answers at once or does not run. */
const lookTime = 500;

/** Lines to paste after a login: the gateway beside it uses the account already, or has to be started. */
export async function nextSteps(account: Account, config: Config): Promise<string> {
  const gateway = await runningGateway(config);
  const models = '  cli-proxy-api models    lists what you can use now';
  if (gateway === undefined) return `Next:\n${models}\n  cli-proxy-api           starts the gateway\n`;
  const model = modelOf(account, config);
  const key = config['api-keys'].length === 0 ? '' : ' -H "Authorization: Bearer $KEY"';
  const body = `{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}`;
  return `The gateway at ${gateway} uses it from the next second on${key === '' ? '' : '; $KEY is one of your api-keys'}:
  curl ${gateway}/v1/chat/completions${key} -H 'Content-Type: application/json' -d '${body}'
${models}
`;
}

/** A model that the account serves, by the shortest name that reaches it. */
function modelOf(account: Account, config: Config): string {
  const credentials = listedCredentials([account], config);
  const names = createCatalog(credentials, config['force-model-prefix']).models();
  return names.find(({ id }) => !id.includes('/'))?.id ?? names[0]?.id ?? 'MODEL';
}

/** The address of the gateway of this config, if it runs. */
async function runningGateway({ host, port, tls }: Config): Promise<string | undefined> {
  if (port === 0) return undefined;
  const everywhere = host === '' || host === '0.0.0.0' || host === '::';
  const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const url = `${tls.enable ? 'https' : 'http'}://${name}:${port}`;
  try {
    const answer = await fetch(`${url}/healthz`, {
      signal: AbortSignal.timeout(lookTime),
      // The certificate is the person's own; nothing is sent.
      tls: { rejectUnauthorized: false },
    });
    return answer.ok && (await answer.text()).includes('"status":"ok"') ? url : undefined;
  } catch {
    return undefined;
  }
}
