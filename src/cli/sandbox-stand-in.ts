import type { Config } from '../config/schema.ts';
import { credentialsFromConfig } from '../credentials/from-config.ts';

/** The sandbox that answers while no credential is configured. */
export interface SandboxStandIn {
  /** Where the sandbox answers for this config, started if need be; undefined where a credential is configured. */
  urlFor(config: Config): Promise<string | undefined>;
  /** Ends the sandbox once its running answers are over. */
  stop(): void;
}

/** A stand-in that runs nothing until it is needed. */
export function createSandboxStandIn(): SandboxStandIn {
  let running: Promise<{ url: string; stop(): unknown }> | undefined;
  return {
    async urlFor(config) {
      if (credentialsFromConfig(config).length > 0) return undefined;
      running ??= import('../sandbox/start.ts').then(({ startSandbox }) =>
        startSandbox({ port: 0, hostname: '127.0.0.1' }),
      );
      return (await running).url;
    },
    stop() {
      void running?.then((sandbox) => sandbox.stop());
      running = undefined;
    },
  };
}
