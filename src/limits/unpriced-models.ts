import type { Budget } from '../config/budget.ts';

/** Names of models come from clients: so many are remembered as warned of. */
const mostNames = 1024;

export interface UnpricedModels {
  /** Warns once per model that this budget cannot count it, where it is a budget of money. */
  warnOf(model: string, budget: Budget | undefined): void;
  /** The same of a model whose answers do not say what they have used. */
  warnOfUncounted(model: string, budget: Budget | undefined): void;
  /** There are other prices. */
  forget(): void;
}

/** Models that have no known cost. `counted`: what counts of their requests all the same. */
export function unpricedModels(warn: (sentence: string) => void, counted: string): UnpricedModels {
  const warned = new Set<string>();
  /** Whether this budget cannot count the model, and that was not said yet. */
  function isNew(model: string, budget: Budget | undefined): boolean {
    const isMoney = budget?.day?.usd !== undefined || budget?.month?.usd !== undefined;
    if (!isMoney || warned.has(model)) return false;
    if (warned.size >= mostNames) warned.clear();
    warned.add(model);
    return true;
  }
  return {
    warnOf(model, budget) {
      if (isNew(model, budget))
        warn(
          `The model "${model}" has no known price: ${counted}, but no money does. Give it one under "prices".`,
        );
    },
    warnOfUncounted(model, budget) {
      if (isNew(model, budget))
        warn(
          `The answers of the model "${model}" do not say what they have used: no money of them counts for a budget.`,
        );
    },
    forget: () => warned.clear(),
  };
}
