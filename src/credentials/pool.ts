/**
 * The pool: who serves the next request, and what an attempt's outcome means for whom. State in memory; time and
 * randomness come in as arguments. No operation looks at all credentials, however many are cooling down: those that may serve, those
 * that are cooling down and those that are reserved are kept apart as that changes.
 */
import type { Candidate, Route } from './catalog.ts';
import {
  type Cooldown,
  type CoolingFailure,
  duringTrial,
  isOpen,
  nextCooldown,
  wantsTrial,
} from './cooldown.ts';
import { type CooldownRules, defaultRules } from './cooldown-table.ts';
import type { Credential } from './credential.ts';
import {
  type Availability,
  availabilityOf,
  type CredentialState,
  concerns,
  cooldownLike,
  newCredentialState,
  putCooldown,
} from './credential-state.ts';
import type { Entry } from './entry.ts';
import { type CooldownName, type KnownStates, knownStates } from './known-states.ts';
import { type QuotaWindow, withWindows } from './quota.ts';
import { createRoutePool, type RoutePool, settle, wake } from './route-pool.ts';
import { type StrategyName, strategies } from './strategy.ts';
import { type MayServe, readyOf, type Survey, soonestBack, surveyOf } from './survey.ts';

/** A request that a credential serves, from its choice to its last byte. */
export interface Lease {
  readonly candidate: Candidate;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** It was let through during a cooldown, to find out whether that still holds. */
  readonly during: boolean;
  /** The pool's own. */
  readonly state: CredentialState;
  /** The pool's own: the request is over. */
  ended: boolean;
}

export interface Wanted {
  /** Candidates that this request has tried or may not use. */
  passOver: (candidate: Candidate) => boolean;
  /** The {@link candidateKey} that the conversation is bound to: it goes before all others while it may serve. */
  bound?: string | undefined;
  /** Takes one that is cooling down, too, where its cooldown allows that. */
  lastResort?: boolean;
  /** Who may serve this request at all: only their cooldowns are worth waiting for. */
  may?: MayServe;
}

export type Choice =
  | { kind: 'chosen'; lease: Lease }
  /** No candidate is ready. `soonest`: when the first cooldown ends, in ms since the epoch; undefined when none is cooling down. */
  | { kind: 'none'; soonest: number | undefined };

export interface PoolSettings {
  strategy: StrategyName;
  rulesOf: (credential: Credential) => CooldownRules;
  /** A used-up quota is that of all credentials of the same account. */
  quotaOfAccount: boolean;
}

export interface Pool extends KnownStates {
  /** Puts other credentials or settings in force. Rests, quotas and running leases stay with their credentials. */
  configure(credentials: readonly Credential[], settings: PoolSettings): void;
  choose(route: Route, wanted: Wanted, now: number): Choice;
  /** The answer has begun well: cooldowns that came before the request, or that it was to find out about, are over. */
  succeed(lease: Lease, now: number): void;
  /** The attempt failed; gives the cooldown that follows and ends the lease. */
  fail(lease: Lease, failure: CoolingFailure, now: number): Cooldown | undefined;
  /** The attempt does not concern the credential: the client left, or the request is at fault. Ends the lease. */
  abandon(lease: Lease, now: number): void;
  /** The answer has gone out. A second time changes nothing. */
  end(lease: Lease, now: number): void;
  /** Takes in what an answer's headers report of the quota. */
  reportQuota(candidate: Candidate, windows: readonly QuotaWindow[], now: number): void;
  /** The state of a route's candidates, or of those that `may` serve; names at most `most` of the skipped ones. */
  survey(route: Route, most: number, now: number, may?: MayServe): Survey;
  /** The first `most` of a route's candidates that may serve now. */
  ready(route: Route, most: number, now: number): Candidate[];
  /** The candidate with this key and when it comes back, in ms since the epoch, where it is cooling down; undefined where it is not. */
  coolingDownAs(route: Route, key: string, now: number): { candidate: Candidate; until: number } | undefined;
  /** What people call the candidate with this key; undefined when the route has none. */
  labelOf(route: Route, key: string, now: number): string | undefined;
  /** The present availability of a credential for a model. */
  availability(credential: string, model: string, now: number): Availability['kind'];
}

export interface PoolOptions {
  /** In [0, 1). */
  random: () => number;
  /** A cooldown has begun, changed or ended. */
  onCooldownChange?: (credential: string, name: CooldownName) => void;
  /** Something has been reported of the quota of a credential, for a model that was asked for. */
  onQuotaChange?: (credential: string, model: string, windows: readonly QuotaWindow[]) => void;
  /** A request no longer keeps its credential busy. */
  onLeaseEnd?: (lease: Lease) => void;
}

/** Places in the orders of all routes together; beyond that the routes unused for longest are forgotten. */
const keptEntries = 2_000_000;

/** Routes whose order outlasts a new configuration. */
const keptEarlier = 64;

/** Model names come from clients: cooldowns of a credential that are over are dropped from this many on. */
const keptCooldowns = 64;

export function createPool({ random, onCooldownChange, onQuotaChange, onLeaseEnd }: PoolOptions): Pool {
  let settings: PoolSettings = {
    strategy: 'round-robin',
    rulesOf: () => defaultRules,
    quotaOfAccount: false,
  };
  const states = new Map<string, CredentialState>();
  /** The routes that have been asked for, the one unused for longest first. */
  const routes = new Map<Route, RoutePool>();
  /** The routes of the configuration before, by their models, until they are asked for again. */
  const earlier = new Map<string, RoutePool>();
  /** The places of each credential in those routes. */
  const places = new Map<CredentialState, Set<Entry>>();
  /** The credentials of each account that has several. */
  const siblings = new Map<string, string[]>();
  let kept = 0;
  let turn = 0;
  /** When somebody was chosen last, in ms since the epoch. */
  let latest = 0;

  const strategy = () => strategies[settings.strategy];

  function stateOf(id: string): CredentialState {
    const known = states.get(id);
    if (known !== undefined) return known;
    const state = newCredentialState(id, defaultRules);
    states.set(id, state);
    return state;
  }

  function poolOf(route: Route, now: number): RoutePool {
    const known = routes.get(route);
    if (known !== undefined) return known;
    const made = createRoutePool(
      route,
      strategy(),
      ({ credential }) => stateOf(credential.id),
      earlier.get(route.model),
      now,
    );
    earlier.delete(route.model);
    for (const entry of made.entries) {
      const list = places.get(entry.state);
      if (list === undefined) places.set(entry.state, new Set([entry]));
      else list.add(entry);
    }
    routes.set(route, made);
    kept += made.entries.length;
    if (kept > keptEntries) forgetRoutes(route);
    return made;
  }

  function forgetRoutes(except: Route): void {
    for (const [route, { entries }] of routes) {
      if (kept <= keptEntries / 2) return;
      if (route === except) continue;
      routes.delete(route);
      kept -= entries.length;
      for (const entry of entries) places.get(entry.state)?.delete(entry);
    }
  }

  /** Puts the credential's places right after its state has changed; `model` undefined for all of them. */
  function moved(state: CredentialState, model: string | undefined, now: number): void {
    const list = places.get(state);
    if (list === undefined) return;
    for (const entry of list)
      if (model === undefined || entry.candidate.model === model) settle(entry, strategy(), now);
  }

  function open(entry: Entry, during: boolean, now: number): Lease {
    const { state, candidate } = entry;
    turn += 1;
    if (entry.where === 'ready') entry.tier.ready.serve(entry, turn);
    state.inFlight += 1;
    const trial = beginTrial(state, candidate.model, now);
    if (strategy().byLoad) moved(state, undefined, now);
    return { candidate, state, startedAt: now, during: during || trial, ended: false };
  }

  /** Rests whose provider's word still holds let one request through: the others wait for what it finds. */
  function beginTrial(state: CredentialState, model: string, now: number): boolean {
    let trial = false;
    for (const cooldown of state.cooldowns) {
      if (!concerns(state, cooldown, model) || !wantsTrial(cooldown, now)) continue;
      putCooldown(state, duringTrial(cooldown, state.rules.probe, now));
      trial = true;
      changed(state, cooldown, now);
    }
    return trial;
  }

  function put(state: CredentialState, cooldown: Cooldown, now: number): void {
    if (state.cooldowns.length >= keptCooldowns)
      state.cooldowns = state.cooldowns.filter((one) => isOpen(one, now));
    putCooldown(state, cooldown);
    changed(state, cooldown, now);
  }

  function changed(state: CredentialState, name: CooldownName, now: number): void {
    onCooldownChange?.(state.id, name);
    moved(state, name.model, now);
  }

  function quotaChanged(state: CredentialState, now: number): void {
    if (strategy().byQuota) moved(state, undefined, now);
  }

  function end(lease: Lease, now: number): void {
    if (lease.ended) return;
    lease.ended = true;
    lease.state.inFlight -= 1;
    if (strategy().byLoad) moved(lease.state, undefined, now);
    onLeaseEnd?.(lease);
  }

  function dropCooldowns(state: CredentialState, over: (cooldown: Cooldown) => boolean, now: number): number {
    const ended = state.cooldowns.filter(over);
    if (ended.length === 0) return 0;
    state.cooldowns = state.cooldowns.filter((cooldown) => !over(cooldown));
    for (const cooldown of ended) changed(state, cooldown, now);
    return ended.length;
  }

  return {
    ...knownStates({ states, stateOf, put, changed, quotaChanged, drop: dropCooldowns }),

    configure(credentials, next) {
      settings = next;
      for (const [{ model }, pool] of routes) earlier.set(model, pool);
      for (const model of earlier.keys()) {
        if (earlier.size <= keptEarlier) break;
        earlier.delete(model);
      }
      routes.clear();
      places.clear();
      kept = 0;
      const present = new Set(credentials.map(({ id }) => id));
      // Who left takes its quota along; its cooldowns stay, as a file that is being written anew is absent for a moment.
      for (const [id, state] of states)
        if (
          !present.has(id) &&
          state.inFlight === 0 &&
          !state.cooldowns.some((cooldown) => isOpen(cooldown, latest))
        )
          states.delete(id);
      siblings.clear();
      for (const credential of credentials) {
        const { id, account } = credential;
        const state = stateOf(id);
        state.rules = next.rulesOf(credential);
        state.ownLimits = credential.provider.ownLimits ?? [];
        if (hasNewToken(state, credential) && state.cooldowns.some(isAuth)) {
          const ended = state.cooldowns.filter(isAuth);
          state.cooldowns = state.cooldowns.filter((cooldown) => !isAuth(cooldown));
          for (const cooldown of ended) onCooldownChange?.(id, cooldown);
        }
        if (account !== undefined) siblings.set(account, [...(siblings.get(account) ?? []), id]);
      }
    },

    choose(route, { passOver, bound, lastResort = false, may }, now) {
      latest = now;
      const pool = poolOf(route, now);
      for (const tier of pool.tiers) wake(tier, pool.strategy, now);
      const own = bound === undefined ? undefined : pool.entryOf(bound);
      if (own?.where === 'ready' && !passOver(own.candidate))
        return { kind: 'chosen', lease: open(own, false, now) };
      for (const tier of pool.tiers) {
        const entry = tier.ready.choose(passOver);
        if (entry !== undefined) return { kind: 'chosen', lease: open(entry, false, now) };
      }
      for (const tier of pool.tiers) {
        const entry = tier.reserved.items.find(({ candidate }) => !passOver(candidate));
        if (entry !== undefined) return { kind: 'chosen', lease: open(entry, false, now) };
      }
      if (lastResort) {
        for (const tier of pool.tiers) {
          const entry = tier['last-resort'].items.find(({ candidate }) => !passOver(candidate));
          if (entry !== undefined) return { kind: 'chosen', lease: open(entry, true, now) };
        }
      }
      return { kind: 'none', soonest: soonestBack(pool, may) };
    },

    coolingDownAs(route, key, now) {
      const entry = poolOf(route, now).entryOf(key);
      if (entry?.where !== 'cooling-down' || entry.until <= now) return undefined;
      return { candidate: entry.candidate, until: entry.until };
    },

    succeed(lease, now) {
      if (lease.state.cooldowns.length === 0) return;
      const { model } = lease.candidate;
      dropCooldowns(
        lease.state,
        (cooldown) =>
          cooldown.kind !== 'budget' &&
          concerns(lease.state, cooldown, model) &&
          (lease.during || lease.startedAt > cooldown.since),
        now,
      );
    },

    fail(lease, failure, now) {
      end(lease, now);
      const { state } = lease;
      const { secret } = lease.candidate.credential;
      if (failure.kind === 'auth' && typeof secret !== 'string') state.refused = { token: secret.current() };
      const cooldown = nextCooldown(cooldownLike(state, failure), failure, lease, state.rules, now, random());
      if (cooldown === undefined) return undefined;
      put(state, cooldown, now);
      const { account } = lease.candidate.credential;
      if (failure.kind === 'quota' && settings.quotaOfAccount && account !== undefined)
        for (const id of siblings.get(account) ?? []) if (id !== state.id) put(stateOf(id), cooldown, now);
      return cooldown;
    },

    abandon(lease, now) {
      end(lease, now);
      if (!lease.during) return;
      const { state } = lease;
      // The trial found nothing out: the next request is one.
      for (const cooldown of state.cooldowns) {
        if (
          !concerns(state, cooldown, lease.candidate.model) ||
          cooldown.until !== lease.startedAt + state.rules.probe
        )
          continue;
        putCooldown(state, { ...cooldown, until: now });
        changed(state, cooldown, now);
      }
    },

    end,

    reportQuota({ credential, model }, windows, now) {
      if (windows.length === 0) return;
      const state = stateOf(credential.id);
      state.quota = withWindows(state.quota, model, windows);
      onQuotaChange?.(credential.id, model, windows);
      quotaChanged(state, now);
    },

    survey: (route, most, now, may) => surveyOf(poolOf(route, now), most, now, may),

    ready: (route, most, now) => readyOf(poolOf(route, now), most, now),

    labelOf: (route, key, now) => poolOf(route, now).entryOf(key)?.candidate.credential.label,

    availability(credential, model, now) {
      const state = states.get(credential);
      return state === undefined ? 'ready' : availabilityOf(state, model, strategy().byQuota, now).kind;
    },
  };
}

const isAuth = ({ kind }: Cooldown): boolean => kind === 'auth';

/** Whether an account has another token than the one that was refused: after a new login nothing is to be waited for. */
function hasNewToken({ refused }: CredentialState, { secret }: Credential): boolean {
  return typeof secret !== 'string' && (refused === undefined || refused.token !== secret.current());
}
