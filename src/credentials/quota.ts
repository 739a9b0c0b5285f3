/** What an account has left of its quota, as the provider reported it last. Pure. */
import { longestWait } from '../protocols/stated-wait.ts';
import { continued, type QuotaPoint } from './quota-history.ts';

/** One limit of an account as the provider reported it last. */
export interface QuotaWindow {
  /** The provider's name for it: `requests`, `tokens`, `5h`, `7d`, `primary`. */
  name: string;
  /** It holds for one model only; otherwise for all that the account serves. */
  ofModel: boolean;
  /** That model, in lower case, where it is not the one that was asked for. */
  model?: string;
  /** The share that is left, 0 to 1. */
  left: number;
  /** The provider refuses requests on account of this window. */
  closed: boolean;
  /** When it begins anew, in ms since the epoch; undefined when the provider does not say. */
  resetsAt: number | undefined;
  /** From its beginning to its reset, in ms; undefined where neither its name nor the provider gives it. */
  length?: number | undefined;
  /** When it was reported, in ms since the epoch. */
  reportedAt: number;
  /** What was left before that, since the window began; oldest first. */
  past?: readonly QuotaPoint[] | undefined;
}

/** The windows of one credential, as reported last. */
export interface Quota {
  ofAccount: readonly QuotaWindow[];
  ofModels: ReadonlyMap<string, readonly QuotaWindow[]>;
}

export const unknownQuota: Quota = { ofAccount: [], ofModels: new Map() };

/** Windows of an account, or of one model of it, that are known at most: those that providers have are a dozen. The newest stay. */
const mostWindows = 32;
/** Models of an account with windows of their own at most. */
const mostModels = 1000;
/** Characters of a name that a provider gives to a window, or to the model that it is of. */
const longestName = 100;
/** Milliseconds of the longest window that there is, a month: a later reset is none. */
const longestWindow = longestWait * 1000;

/** The quota after an answer for `model`: windows reported anew replace the old ones of the same name. */
export function withWindows(quota: Quota, model: string, said: readonly QuotaWindow[]): Quota {
  if (said.length === 0) return quota;
  const reported = said.map(believed);
  const ofModel = reported.filter((window) => window.ofModel);
  return {
    ofAccount: merged(
      quota.ofAccount,
      reported.filter((window) => !window.ofModel),
    ),
    ofModels: ofModel.length === 0 ? quota.ofModels : withModels(quota.ofModels, model, ofModel),
  };
}

function withModels(
  known: Quota['ofModels'],
  asked: string,
  reported: readonly QuotaWindow[],
): Quota['ofModels'] {
  const models = new Map(known);
  for (const [model, windows] of Map.groupBy(reported, (window) => window.model ?? asked))
    models.set(model, merged(models.get(model) ?? [], windows));
  for (const model of models.keys()) {
    if (models.size <= mostModels) break;
    models.delete(model);
  }
  return models;
}

/** A window as far as there can be such a one; the very same one, mostly. */
function believed(window: QuotaWindow): QuotaWindow {
  const { name, model, resetsAt, length, reportedAt } = window;
  const latest = reportedAt + longestWindow;
  if (
    name.length <= longestName &&
    (model === undefined || model.length <= longestName) &&
    (resetsAt === undefined || (resetsAt >= 0 && resetsAt <= latest)) &&
    (length === undefined || (length > 0 && length <= longestWindow))
  )
    return window;
  return {
    ...window,
    name: name.slice(0, longestName),
    ...(model !== undefined && { model: model.slice(0, longestName) }),
    resetsAt:
      resetsAt === undefined || Number.isNaN(resetsAt) ? undefined : Math.max(0, Math.min(resetsAt, latest)),
    length: length !== undefined && length > 0 ? Math.min(length, longestWindow) : undefined,
  };
}

function merged(old: readonly QuotaWindow[], reported: readonly QuotaWindow[]): readonly QuotaWindow[] {
  if (reported.length === 0) return old;
  const known = [
    ...old.filter(({ name }) => !reported.some((window) => window.name === name)),
    ...reported.map((window) =>
      continued(
        old.find(({ name }) => name === window.name),
        window,
      ),
    ),
  ];
  return known.length > mostWindows ? known.slice(-mostWindows) : known;
}

/** A share of a window that is left alone, so that requests already under way do not run into the wall. */
export const quotaReserve = 0.05;
/** A window that does not say when it begins anew, nor how long it is, is believed this long, in ms. */
const silentWindow = 60_000;

/** Until when what is reported of a window holds, in ms since the epoch. */
export function endOf({ resetsAt, reportedAt, length }: QuotaWindow): number {
  return resetsAt ?? reportedAt + (length ?? silentWindow);
}

/**
 * The share of a window's length in which all of it can be spent: a weekly window is used up in a few days, since a
 * shorter one bounds what goes into it at a time. Of the shares that were tried, half serves most in
 * three simulated weeks of test/simulation; in three others it is as good as any.
 */
const fullSpend = 0.5;

export interface QuotaState {
  /** When the longest window that holds now begins anew; infinite when none is known. */
  resetsAt: number;
  /** When spending what is left of that window must begin, so that nothing of it is lost; infinite like `resetsAt`. */
  dueAt: number;
  /** Until when the credential is better kept in reserve; undefined when every window has room. */
  reservedUntil: number | undefined;
}

/** The verdict of the quota about serving `model` now. */
export function quotaState(quota: Quota, model: string, now: number): QuotaState {
  let longest: number | undefined;
  let room = 0;
  let longestLength = 0;
  let reservedUntil: number | undefined;
  for (const windows of [quota.ofAccount, quota.ofModels.get(model) ?? []]) {
    for (const window of windows) {
      const { left, closed, length = 0 } = window;
      const ends = endOf(window);
      if (ends <= now) continue;
      // By its length, where that is known: the week holds also in its last hours.
      if (longest === undefined || length > longestLength || (length === longestLength && ends > longest)) {
        longest = ends;
        room = left;
        longestLength = length;
      }
      if (closed || left <= quotaReserve) reservedUntil = Math.max(reservedUntil ?? 0, ends);
    }
  }
  return {
    resetsAt: longest ?? Number.POSITIVE_INFINITY,
    dueAt: longest === undefined ? Number.POSITIVE_INFINITY : longest - room * longestLength * fullSpend,
    reservedUntil,
  };
}
