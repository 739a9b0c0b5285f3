/** The rule that keeps an unprotected server on its own computer. */
import { isLoopback } from '../ground/loopback.ts';
import type { ConfigProblem } from './problem.ts';
import type { Config } from './schema.ts';

/**
 * Why this configuration must not be served: it listens to other computers and requires no key.
 * Undefined when it may. To be called with the host that is really bound.
 */
export function exposureProblem(config: Pick<Config, 'host' | 'api-keys'>): ConfigProblem | undefined {
  if (config['api-keys'].length > 0 || isLoopback(config.host)) return undefined;
  return {
    file: '',
    line: 0,
    column: 0,
    key: 'host',
    message: `other computers could reach ${config.host}, and without any client key anyone could use your credentials`,
    hint: 'add a key under api-keys (or in CLI_PROXY_API_KEY), or listen on 127.0.0.1',
  };
}
