/** Where the gateway of a config is reached from this computer. */
import type { Config } from '../config/schema.ts';

/** Milliseconds for an answer that is at hand. */
const patience = 2_000;

/** Its address without a slash at the end: as reported by the running one, else from the config. */
export async function addressOf(config: Config): Promise<string> {
  const { askRunning } = await import('./running-gateway.ts');
  const answer = await askRunning(config['auth-dir'], 'gateway', 'GET', patience).catch(() => undefined);
  return answer !== undefined && 'gateway' in answer && answer.gateway.url !== ''
    ? fromHere(answer.gateway.url)
    : configuredAddress(config);
}

/** The address that the config gives it, whether it runs or not. */
function configuredAddress({ host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>): string {
  const name = host.includes(':') ? `[${host}]` : host || '0.0.0.0';
  return fromHere(`${tls.enable ? 'https' : 'http'}://${name}:${port}`);
}

/** Every interface is where it listens; loopback is where this computer finds it. */
export function onLoopback(url: string): string {
  return url.replace(/\/\/(0\.0\.0\.0|\[::\])(?=:|$)/, '//127.0.0.1');
}

/** The same, without a slash at its end: addresses are put behind it. */
export function fromHere(url: string): string {
  return onLoopback(url).replace(/\/$/, '');
}
