/** The rule that keeps an unprotected server on its own computer. */
import type { ConfigProblem } from './problem.ts';
import type { Config } from './schema.ts';

/** Whether only programs of the same computer can reach an address: RFC 1122 §3.2.1.3 (127/8), RFC 4291 §2.5.3 (::1). */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare);
}

/**
 * Why this configuration must not be served: it listens to other computers and asks nobody for a key.
 * Undefined when it may. To be called with the host that is really bound.
 */
export function exposureProblem(config: Pick<Config, 'host' | 'api-keys'>): ConfigProblem | undefined {
  if (config['api-keys'].length > 0 || isLoopback(config.host)) return undefined;
  return {
    file: '',
    line: 0,
    column: 0,
    key: 'host',
    message: `other computers could reach ${config.host}, and without any client key everybody could spend your credentials`,
    hint: 'add a key under api-keys (or in CLI_PROXY_API_KEY), or listen on 127.0.0.1',
  };
}
