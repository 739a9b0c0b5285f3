/**
 * The sandbox: the provider APIs on one port of this computer. It answers whoever has no credential yet, and stands
 * in for the providers in tests and benchmarks. docs/sandbox.md explains how to talk to it.
 */

import { type Clock, systemClock } from '../src/ground/clock.ts';
import { isLoopback } from '../src/ground/loopback.ts';
import { type AccountOptions, accountDeps, forgotten } from './account-servers/account-deps.ts';
import { codexSocketHandler } from './account-servers/codex-socket.ts';
import { type SandboxAccounts, sandboxAccounts } from './account-servers/control.ts';
import { isForeignPage } from './browser-pages.ts';
import type { Deps } from './deps.ts';
import type { SandboxState } from './dialect.ts';
import { answer } from './handler.ts';
import { journal as emptyJournal, type SeenRequest } from './journal.ts';
import { sandboxModels } from './models.ts';
import { responseStore } from './openai/response-store.ts';
import { prefixMemory } from './tokens.ts';

export interface SandboxOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  /** 127.0.0.1 by default: the sandbox is for this computer. */
  hostname?: string;
  /** Milliseconds between the events of a stream; 15 by default, as fast as one reads. */
  pace?: number;
  /** Whether names that no provider has are answered as well; true by default. */
  anyModel?: boolean;
  /** How many requests `requests` holds at most; 200 by default. */
  keep?: number;
  /** How the accounts behave. */
  accounts?: AccountOptions;
  /** Milliseconds since the epoch. */
  now?: Clock['now'];
  /** In [0, 1): ids are made from it. */
  random?: () => number;
}

export interface Sandbox {
  /** `http://127.0.0.1:49152`, without a slash at the end. */
  url: string;
  port: number;
  /** The latest requests, oldest first. */
  readonly requests: readonly SeenRequest[];
  /** Streams that have begun and not ended. */
  readonly openStreams: number;
  /** Answers that the other side broke off. */
  readonly cancelled: number;
  /** Who signed in and what became of it; never a token. */
  readonly accounts: SandboxAccounts;
  /** Model ids that it lists; any other name is answered too. */
  models(): readonly string[];
  /** Forgets requests, counts, logins and everything that was said. */
  reset(): void;
  /** Ends at once, open streams too. */
  stop(): Promise<void>;
}

const defaultPace = 15;
const defaultKept = 200;

/** Starts a sandbox. Throws when the port is taken. */
export function startSandbox(options: SandboxOptions = {}): Sandbox {
  const {
    pace = defaultPace,
    keep = defaultKept,
    anyModel = true,
    random = Math.random,
    now = systemClock.now,
  } = options;
  const deps: Deps = {
    state: freshState(now, random),
    journal: emptyJournal(),
    counts: new Map(),
    accounts: accountDeps(options.accounts ?? {}, now),
    benches: new Map(),
    pace,
    keep,
    anyModel,
  };
  const guarded = isLoopback(options.hostname ?? '127.0.0.1');
  const server = Bun.serve({
    port: options.port ?? 0,
    hostname: options.hostname ?? '127.0.0.1',
    // Stalled streams are meant to stay open.
    idleTimeout: 0,
    development: false,
    // Bun shares a port by default where development is false: a second sandbox would take half the requests.
    reusePort: false,
    fetch(request, server) {
      if (guarded && isForeignPage(request))
        return Response.json({ error: 'Pages of other sites may not use the sandbox.' }, { status: 403 });
      return answer(request, deps, (data) => server.upgrade(request, { data }));
    },
    websocket: codexSocketHandler,
  });
  const url = `http://${server.hostname?.includes(':') ? `[${server.hostname}]` : server.hostname}:${server.port}`;
  return {
    url,
    port: server.port ?? 0,
    get requests() {
      return deps.journal.requests;
    },
    get openStreams() {
      return deps.journal.openStreams;
    },
    get cancelled() {
      return deps.journal.cancelled;
    },
    accounts: sandboxAccounts(() => deps.accounts, url),
    models: () => sandboxModels,
    reset: () => {
      deps.accounts = forgotten(deps.accounts, options.accounts ?? {});
      reset(deps, now, random);
    },
    stop: () => server.stop(true),
  };
}

function freshState(now: Clock['now'], random: () => number): SandboxState {
  const twelve = (): string => random().toString(36).slice(2, 14).padEnd(12, '0');
  return {
    prefixes: prefixMemory(),
    responses: responseStore(),
    now,
    newId: (prefix) => `${prefix}${twelve()}${twelve()}`,
  };
}

function reset(deps: Deps, now: Clock['now'], random: () => number): void {
  deps.state = freshState(now, random);
  deps.counts.clear();
  deps.journal.requests = [];
  deps.journal.cancelled = 0;
}
