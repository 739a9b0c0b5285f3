/** The console as a running gateway has it: loaded with its first request. */
import type { Console, ConsoleDeps } from '../console/console.ts';

export interface LazyConsole {
  handle: Console['handle'];
  /** Undefined where the configuration has switched the console off. */
  ticket(lasting: boolean): Promise<string | undefined>;
  answerReplica(path: string): Promise<Response>;
  /** Ends what is open of it; one that nobody has asked for is not loaded. */
  leave(): Promise<void>;
}

export function lazyConsole(deps: ConsoleDeps): LazyConsole {
  let loading: Promise<Console> | undefined;
  const loaded = (): Promise<Console> => {
    loading ??= import('../console/console.ts').then(({ createConsole }) => createConsole(deps));
    return loading;
  };
  return {
    handle: async (request, address, lift) => (await loaded()).handle(request, address, lift),
    answerReplica: async (path) => (await loaded()).answerReplica(path),
    leave: async () => (await loading)?.leave(),
    ticket: async (lasting) => (deps.disabled() ? undefined : (await loaded()).ticket(lasting)),
  };
}
