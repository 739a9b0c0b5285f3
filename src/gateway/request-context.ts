/** One request on its way through the attempts. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import type { MayServe } from '../credentials/survey.ts';
import type { Answer, ClientRequest } from './answer.ts';
import type { AttemptFailure } from './failure.ts';
import type { Fitting } from './fitting-targets.ts';
import type { ReadRequest } from './read-request.ts';
import type { GatewaySettings } from './shared-state.ts';
import type { RequestRecorder } from './trace/request-notes.ts';

export interface RequestContext {
  request: ClientRequest;
  read: ReadRequest;
  route: Route;
  /** Those that were in force when it came. */
  settings: GatewaySettings;
  /** Candidates that take the request without a loss, under `translation.strict`. */
  serves: ((candidate: Candidate) => boolean) | undefined;
  /** Which targets of its model route can take it; undefined for all of them. */
  fitting?: Fitting | undefined;
  /** The conversation, with `routing.session-affinity`. */
  session: string | undefined;
  recorder: RequestRecorder;
  /** Answers another request in the place of this one. */
  instead: (request: ClientRequest) => Promise<Answer>;
}

/** Who may serve the request at all: what its client key may use, what takes it without a loss, and what it fits. */
export function mayServe({ request: { mayUse }, serves, fitting }: RequestContext): MayServe {
  return both(both(mayUse, serves), fitting?.serves);
}

export function both(one: MayServe, other: MayServe): MayServe {
  if (one === undefined || other === undefined) return one ?? other;
  return (candidate) => one(candidate) && other(candidate);
}

/** An attempt that gave no answer. */
export interface Failed {
  candidate: Candidate;
  failure: AttemptFailure;
  /** Whether another credential may be asked. */
  goesOn: boolean;
  /** The model cannot take the request; the next one of the model route may. */
  elsewhere?: true;
  /** Headers of the provider's answer that go on to the client, with `passthrough-headers`. */
  passed?: Record<string, string>;
}

export type Tried = { ok: true; answer: Answer } | { ok: false; failed: Failed };
