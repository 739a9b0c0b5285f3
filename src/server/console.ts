/** The console as a running gateway has it: loaded with its first request. */
import type { Console, ConsoleDeps } from '../console/console.ts';

export interface LazyConsole {
  handle: Console['handle'];
  /** What opens it in a browser, below `url`: users with a key (`hasKey`) sign in with it. Undefined where it is switched off. */
  address(url: string, hasKey: boolean): Promise<string | undefined>;
  /** Undefined where the configuration has switched the console off. */
  ticket(lasting: boolean): Promise<string | undefined>;
  answerReplica(path: string): Promise<Response>;
  /** Ends its open parts; a console that was never requested is not loaded. */
  leave(): Promise<void>;
}

export function lazyConsole(deps: ConsoleDeps): LazyConsole {
  let loading: Promise<Console> | undefined;
  const loaded = (): Promise<Console> => {
    loading ??= import('../console/console.ts').then(({ createConsole }) => createConsole(deps));
    return loading;
  };
  const ticket = async (lasting: boolean): Promise<string | undefined> =>
    deps.disabled() ? undefined : (await loaded()).ticket(lasting);
  return {
    async address(url, hasKey) {
      if (deps.disabled()) return undefined;
      return hasKey ? `${url}/console/` : `${url}/console/#ticket=${await ticket(true)}`;
    },
    handle: async (request, address, lift) => (await loaded()).handle(request, address, lift),
    answerReplica: async (path) => (await loaded()).answerReplica(path),
    leave: async () => (await loading)?.leave(),
    ticket,
  };
}
