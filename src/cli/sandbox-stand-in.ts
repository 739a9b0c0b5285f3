import type { Sandbox } from '../../sandbox/start.ts';

/** The sandbox that answers while there is neither a key nor an account. */
export interface SandboxStandIn {
  /** Where the sandbox answers, started if need be. */
  url(): Promise<string>;
  /** Ends the sandbox and the answers it is giving. */
  stop(): Promise<void>;
}

/**
 * A sandbox that starts only when it is needed. Once started it stays until the end: a change that replaces it by a
 * real credential must not cut the answers it is giving, and idle it costs nothing.
 */
export function createSandboxStandIn(): SandboxStandIn {
  let running: Promise<Sandbox> | undefined;
  return {
    async url() {
      running ??= import('../../sandbox/start.ts').then(({ startSandbox }) =>
        startSandbox({ port: 0, hostname: '127.0.0.1' }),
      );
      return (await running).url;
    },
    async stop() {
      await (await running)?.stop();
    },
  };
}
