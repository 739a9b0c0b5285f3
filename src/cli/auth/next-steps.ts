/** What a person can do after a login: whether the gateway runs beside it, and what to paste. */
import type { Config } from '../../config/schema.ts';

/** Milliseconds for a look at a gateway on this computer: it answers at once or does not run. */
const lookTime = 500;

/** The address of the gateway of this config, if it runs. */
export async function runningGateway({ host, port, tls }: Config): Promise<string | undefined> {
  if (port === 0) return undefined;
  const everywhere = host === '' || host === '0.0.0.0' || host === '::';
  const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const url = `${tls.enable ? 'https' : 'http'}://${name}:${port}`;
  try {
    const answer = await fetch(`${url}/healthz`, {
      signal: AbortSignal.timeout(lookTime),
      proxy: '',
      // The certificate is the person's own; nothing is sent.
      tls: { rejectUnauthorized: false },
    });
    return answer.ok && (await answer.text()).includes('ok') ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Lines to paste. The client's key stays out of them. */
export function nextSteps(gateway: string | undefined, config: Config): string {
  const models = 'cli-proxy-api models           what you can use now';
  if (gateway === undefined)
    return `Next:\n  ${models}\n  cli-proxy-api                  start the gateway\n`;
  const key = config['api-keys'].length === 0 ? '' : ` -H "Authorization: Bearer $KEY"`;
  const body = `{"model":"MODEL","messages":[{"role":"user","content":"Hello"}]}`;
  const hint = key === '' ? '' : ' ($KEY is one of your api-keys)';
  return `The gateway at ${gateway} uses it already${hint}:
  curl ${gateway}/v1/chat/completions${key} -H 'Content-Type: application/json' -d '${body}'
  ${models}
`;
}
