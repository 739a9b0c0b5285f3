import type { Budget } from '../config/budget.ts';

/** Names of models come from clients: so many are remembered as warned of. */
const mostNames = 1024;

export interface UnpricedModels {
  /** Says once of a model that this budget cannot count it, where it is one of money. */
  warnOf(model: string, budget: Budget | undefined): void;
  /** There are other prices. */
  forget(): void;
}

/** Models without a known price. `counted`: what counts of their requests all the same. */
export function unpricedModels(warn: (sentence: string) => void, counted: string): UnpricedModels {
  const warned = new Set<string>();
  return {
    warnOf(model, { day, month } = {}) {
      if ((day?.usd === undefined && month?.usd === undefined) || warned.has(model)) return;
      if (warned.size >= mostNames) warned.clear();
      warned.add(model);
      warn(
        `The model "${model}" has no known price: ${counted}, but no money does. Give it one under "prices".`,
      );
    },
    forget: () => warned.clear(),
  };
}
