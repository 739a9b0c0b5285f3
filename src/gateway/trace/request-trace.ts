/** Why a request went the way it went: what was there to choose from, what was tried, what came back. Kept in memory, bounded. */
import type { Route } from '../../credentials/catalog.ts';
import { targetText } from '../../credentials/route-target.ts';
import type { Survey } from '../../credentials/survey.ts';
import { shortened } from '../../protocols/shortened.ts';
import type { ChoiceRecord } from '../../usage/record.ts';

/** One request. Times are milliseconds: `at` since the epoch, the others since the request came. */
export interface RequestTrace {
  id: string;
  at: number;
  client: string;
  /** The name of the client key; undefined where none was looked at. */
  key: string | undefined;
  model: string;
  operation: string;
  /** Undefined when no credential serves the model. */
  choice: TracedChoice | undefined;
  steps: TraceStep[];
  /** Steps behind them that are not remembered; absent where all are. */
  leftOut?: number;
  /** Undefined while it runs. */
  outcome: { status: number; duration: number; error: string | undefined } | undefined;
  /** What of it could not be carried to the provider as it was; absent where all could. */
  losses?: readonly TracedLoss[];
  /** What the prompt cache was to it, where usage is kept and the provider reports it. */
  cache?: TracedCache;
  /** The replica of a cluster that had it, where several were asked. */
  replica?: string;
}

/** A field of the request that the provider's protocol has no place for, and what became of it. */
export interface TracedLoss {
  kind: 'dropped' | 'approximated' | 'renamed' | 'hint';
  field: string;
  detail?: string;
}

/** Losses that a trace names, and characters of each text. */
const mostLosses = 32;
const longestLoss = 200;

export function tracedLosses(losses: readonly TracedLoss[]): TracedLoss[] {
  return losses.slice(0, mostLosses).map(({ kind, field, detail }) => ({
    kind,
    field: shortened(field, longestLoss),
    ...(detail !== undefined && { detail: shortened(detail, longestLoss) }),
  }));
}

/** In tokens. */
export interface TracedCache {
  read: number;
  written: number;
  /** Those that the turn before had left in a cache, and that had to be read anew. */
  again: number;
  /** Why: another credential than before, or another beginning; null where nothing was paid again. */
  because: 'switched' | 'changed' | null;
  /** The credential of the turn before, where that is another. */
  before: string | null;
}

/** How the candidates stood when the request came. */
export interface TracedChoice extends ChoiceRecord {
  passed: PassedOver[];
  /** The first of those that are ready, for a question about their state. */
  named?: NamedCandidate[];
  /** The model route that the name is of. */
  by?: TracedModelRoute;
}

/** A model route as a request met it. */
export interface TracedModelRoute {
  /** Its name in the configuration. */
  name: string;
  /** The models that it led to, in their order, each with the effort that is written for it. */
  targets: string[];
  /** The rules that chose them; empty where none did. */
  rules: string[];
  /** Those that cannot take the request, and why. */
  unfit?: { model: string; why: string }[];
}

export interface NamedCandidate {
  credential: string;
  model: string;
}

/** A candidate that was passed over. */
export interface PassedOver {
  credential: string;
  model: string;
  /** The kind of its cooldown, or `reserved`. */
  why: string;
  /** The upstream's message. */
  reason: string;
  /** Milliseconds since the epoch. */
  until: number;
  /** The provider's own word where that is later: one request at a time finds out whether it holds. */
  promised: number | undefined;
}

export type TraceStep =
  | {
      kind: 'attempt';
      credential: string;
      provider: string;
      model: string;
      startedAt: number;
      /** Until the first content, or until it failed; undefined while it runs. */
      duration: number | undefined;
      /** A cooldown holds, and this attempt finds out whether it must. */
      trial: boolean;
      /** Why the request was sent once more to this credential, each time; absent where it was sent once. */
      sentAgain?: string[];
      result:
        | { status: number; why: string; reason: string; restsUntil: number | undefined }
        | 'answered'
        | undefined;
    }
  /** No candidate was ready: it waited for the first to come back; `boundTo`: for the one that has the conversation in its prompt cache. */
  | { kind: 'wait'; at: number; milliseconds: number; boundTo?: string }
  /** All were tried: once more from the beginning. */
  | { kind: 'round'; at: number }
  /** The quota of the model was used up: on to its preview. */
  | { kind: 'preview'; at: number; model: string }
  /** On to another model of the model route. */
  | { kind: 'fallback'; at: number; model: string };

/** Bytes that a step takes at most, its texts cut as they are: names of credentials and models, and the reason. */
const stepBytes = 640;

/** Remembers a step, as long as the trace does not take more than `most` bytes. */
export function addStep(trace: RequestTrace, step: TraceStep, most: number): void {
  if (trace.steps.length * stepBytes < most) trace.steps.push(step);
  else trace.leftOut = (trace.leftOut ?? 0) + 1;
}

export interface TraceBuffer {
  add(trace: RequestTrace): void;
  find(id: string): RequestTrace | undefined;
  /** The newest first. */
  latest(count: number): RequestTrace[];
  /** Those that have not ended, at most so many, the newest first. Nothing is copied for it. */
  running(most: number): RequestTrace[];
}

/** Requests that are remembered; a trace takes about a kilobyte. */
const keptTraces = 2000;

export function createTraceBuffer(most = keptTraces): TraceBuffer {
  /** Written round and round. A list is cheaper for every request than a map, and only people look for an id. */
  const traces: RequestTrace[] = [];
  let next = 0;
  return {
    add(trace) {
      traces[next] = trace;
      next = (next + 1) % most;
    },
    find: (id) => traces.find((trace) => trace.id === id),
    latest(count) {
      const inOrder = [...traces.slice(next), ...traces.slice(0, next)];
      return count <= 0 ? [] : inOrder.slice(-count).reverse();
    },
    running(count) {
      const found: RequestTrace[] = [];
      for (let back = 1; back <= traces.length && found.length < count; back++) {
        const trace = traces[(next - back + traces.length) % traces.length];
        if (trace !== undefined && trace.outcome === undefined) found.push(trace);
      }
      return found;
    },
  };
}

/** A survey in a trace's words: labels instead of credentials, so that no secret is near. */
export function tracedChoice(survey: Survey, strategy: string, boundTo: string | undefined): TracedChoice {
  const { candidates, ready, coolingDown: resting, reserved: spared, passed } = survey;
  // On good days it is the same for each request: kept once, it costs the next ones nothing to remember.
  if (
    usual.candidates === candidates &&
    usual.ready === ready &&
    usual.strategy === strategy &&
    resting + spared === 0 &&
    boundTo === undefined
  )
    return usual;
  const choice = { strategy, candidates, ready, resting, spared, boundTo, passed: passed.map(passedOver) };
  if (resting + spared === 0 && boundTo === undefined) usual = choice;
  return choice;
}

/** The choice with the model route in it, where there is one. */
export function withModelRoute(
  choice: TracedChoice,
  { by }: Pick<Route, 'by'>,
  unfit?: readonly { model: string; why: string }[],
): TracedChoice {
  if (by === undefined) return choice;
  const { name, targets, rules } = by;
  const traced = { name, targets: targets.map(targetText), rules: [...rules] };
  return { ...choice, by: unfit === undefined ? traced : { ...traced, unfit: [...unfit] } };
}

let usual: TracedChoice = {
  strategy: '',
  candidates: 0,
  ready: 0,
  resting: 0,
  spared: 0,
  boundTo: undefined,
  passed: [],
};

/** Characters of the reason of a cooldown that are kept. */
const longestReason = 200;

function passedOver({ candidate, cooldown, until }: Survey['passed'][number]): PassedOver {
  return {
    credential: candidate.credential.label,
    model: candidate.model,
    why: cooldown?.kind ?? 'reserved',
    reason: cooldown?.reason.slice(0, longestReason).toWellFormed() ?? 'its quota is nearly used up',
    until,
    promised: cooldown?.promised,
  };
}
