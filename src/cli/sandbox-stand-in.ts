import type { Config } from '../config/schema.ts';
import { credentialsFromConfig } from '../credentials/from-config.ts';
import type { Sandbox } from '../sandbox/start.ts';

/** The sandbox that answers while no credential is configured. */
export interface SandboxStandIn {
  /** Where the sandbox answers for this config, started if need be; undefined where a credential is configured. */
  urlFor(config: Config): Promise<string | undefined>;
  /** Ends the sandbox and the answers it is giving. */
  stop(): Promise<void>;
}

/**
 * A stand-in that runs nothing until it is needed. Once started it stays until the end: a reload that replaces it by a
 * real credential must not cut the answers it is giving, and idle it costs nothing.
 */
export function createSandboxStandIn(): SandboxStandIn {
  let running: Promise<Sandbox> | undefined;
  return {
    async urlFor(config) {
      if (credentialsFromConfig(config).length > 0) return undefined;
      running ??= import('../sandbox/start.ts').then(({ startSandbox }) =>
        startSandbox({ port: 0, hostname: '127.0.0.1' }),
      );
      return (await running).url;
    },
    async stop() {
      await (await running)?.stop();
    },
  };
}
