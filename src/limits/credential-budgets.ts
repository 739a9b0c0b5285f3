/**
 * Budgets of credentials: what each has come to since midnight and since the first of the month, in memory and on disk. One
 * that has spent its budget is reported, with the time at which the next period begins; what follows is not decided here.
 */

import type { Budget } from '../config/budget.ts';
import type { ClientLimits } from '../config/client-keys.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import { dollarsOf } from '../usage/money.ts';
import type { Usage, UsageRecord, UsageSink } from '../usage/record.ts';
import { type Ledger, nothing, settle, usageOf } from './ledger.ts';
import { createLedgerBook } from './ledger-book.ts';
import type { LimitName, LimitUsage } from './limit.ts';
import { amountText } from './refusal.ts';
import type { SharedSpending } from './shared-limits.ts';
import { unpricedModels } from './unpriced-models.ts';

/** A credential that has a budget, with all that belong to the same account: these spend it together. */
export interface Budgeted {
  id: string;
  account?: string | undefined;
  budget?: Budget | undefined;
}

export interface CredentialBudgets extends UsageSink {
  /** Brings back what an earlier run has counted, the first time that a credential has a budget. */
  configure(config: Pick<Config, 'auth-dir'>): Promise<void>;
  /** The credentials that are in use now; reports whether the budget of each is spent. */
  use(credentials: readonly Budgeted[]): void;
  /** The use of a credential's budget; empty for one without a budget. */
  usageOf(credential: string): LimitUsage[];
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

export interface CredentialBudgetsOptions {
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  warn: (sentence: string) => void;
  /** The budget of these credentials is spent until then; reported again with every further request. */
  onSpent: (credentials: readonly string[], spent: SpentBudget) => void;
  /** There is something left for these, be it for a new configuration. */
  onLeft: (credentials: readonly string[]) => void;
  /** What other replicas spend of the same; undefined where there is one. */
  shared?: SharedSpending | undefined;
  /** Milliseconds between two writes of the file at least; a second by default. */
  delay?: number;
}

export interface SpentBudget {
  limit: LimitName;
  /** Milliseconds since the epoch. */
  until: number;
  /** For people. */
  reason: string;
}

/** Who spends one budget. */
interface Spender {
  id: string;
  credentials: string[];
  budget: Budget;
}

/** The file's name in `auth-dir`. */
export const budgetFileName = '.credential-budgets.json';

export function createCredentialBudgets(options: CredentialBudgetsOptions): CredentialBudgets {
  const { now, warn, onSpent, onLeft, shared, delay } = options;
  /** By credential. */
  let spenders = new Map<string, Spender>();
  const book = createLedgerBook({
    ...{ name: budgetFileName, subject: 'What credentials have spent', now, onProblem: warn },
    ...(delay !== undefined && { delay }),
  });
  const unpriced = unpricedModels(warn, 'its tokens count for budgets of credentials');

  const usageAt = ({ id, budget }: Pick<Spender, 'id' | 'budget'>, at: number): LimitUsage[] =>
    shared?.usageOf({ id, limits: limitsOf(budget) }) ?? usageOf(book.of(id, at), { budget }, at);

  function report({ id, credentials, budget }: Spender, at: number): void {
    const spent = spentOf(usageAt({ id, budget }, at));
    if (spent !== undefined) onSpent(credentials, spent);
  }

  function count(credential: string, model: string, { tokens, counted, cost }: Usage): void {
    const spender = spenders.get(credential);
    if (spender === undefined) return;
    const amount = (tokens.input ?? 0) + (tokens.output ?? 0);
    if (amount === 0 && cost === undefined) {
      if (counted === 'unknown') unpriced.warnOfUncounted(model, spender.budget);
      return;
    }
    if (cost === undefined) unpriced.warnOf(model, spender.budget);
    const at = now();
    const spent = { tokens: amount, usd: dollarsOf(cost?.nano ?? 0) };
    book.put(spender.id, withoutWindows(settle(book.of(spender.id, at), nothing, spent, at)));
    shared?.add({ id: spender.id, limits: limitsOf(spender.budget) }, spent);
    report(spender, at);
  }

  return {
    configure: (config) => book.keepIn(config['auth-dir']),

    use(credentials) {
      const before = spenders;
      const groups = Map.groupBy(credentials, ({ id, account }) => account ?? id);
      const next = [...groups].flatMap(([id, members]): Spender[] => {
        const budget = members.find((member) => member.budget !== undefined)?.budget;
        return budget === undefined ? [] : [{ id, budget, credentials: members.map((member) => member.id) }];
      });
      spenders = new Map(next.flatMap((spender) => spender.credentials.map((id) => [id, spender] as const)));
      if (before.size > 0) onLeft([...new Set([...before.keys(), ...spenders.keys()])]);
      shared?.use(
        next.map(({ id, budget }) => ({ id, limits: limitsOf(budget) })),
        book.find,
        (id) => {
          const spender = next.find((one) => one.id === id);
          if (spender !== undefined) report(spender, now());
        },
      );
      const at = now();
      for (const spender of next) report(spender, at);
    },

    add({ served, usage, attempts }: UsageRecord) {
      if (spenders.size === 0) return;
      if (served !== undefined) count(served.credential.id, served.model, usage);
      // Of an attempt that failed after it had cost something.
      for (const { credential, model, usage: own } of attempts)
        if (own !== undefined) count(credential.id, model, own);
    },

    usageOf(credential) {
      const spender = spenders.get(credential);
      if (spender === undefined) return [];
      return usageAt(spender, now());
    },

    close: book.close,
  };
}

/** The same for the same budget: meters are kept as long as their limits are. */
const limitsByBudget = new WeakMap<Budget, ClientLimits>();

function limitsOf(budget: Budget): ClientLimits {
  const known = limitsByBudget.get(budget) ?? { budget };
  limitsByBudget.set(budget, known);
  return known;
}

/** The limit of those reached that lasts longest; undefined while there is something left. */
function spentOf(usages: readonly LimitUsage[]): SpentBudget | undefined {
  let spent: SpentBudget | undefined;
  for (const { limit, most, used, resetsAt } of usages)
    if (used >= most && resetsAt !== undefined && resetsAt > (spent?.until ?? 0))
      spent = {
        limit,
        until: resetsAt,
        reason: `It may use ${amountText(limit, most)} (${limit}), and that is spent.`,
      };
  return spent;
}

/** Budgets are of days and months: what came in the last minute is of no use. */
function withoutWindows(ledger: Ledger): Ledger {
  return { ...ledger, requests: [], tokens: [] };
}
