/** The owner's settings of a model that the shipped table does not know or has otherwise. */
import type { ThinkingEntry } from '../config/schema.ts';
import { modelTraits } from '../models/known-models.ts';
import type { ModelTraits, ReasoningTraits } from '../protocols/model-traits.ts';
import { type Effort, efforts } from '../protocols/request.ts';

export interface OwnerTraits {
  displayName: string | undefined;
  /** In tokens. */
  contextLength: number | undefined;
  reasoning: ReasoningTraits | undefined;
}

/** A model without a configured budget accepts any that a client asks for. */
const anyBudget = 1_000_000;

/** Undefined for an entry without such settings. */
export function reasoningOf(thinking: ThinkingEntry): ReasoningTraits | undefined {
  const { min, max, levels } = thinking;
  const canDisable = thinking['zero-allowed'] ?? thinking.zero_allowed;
  const canAuto = thinking['dynamic-allowed'] ?? thinking.dynamic_allowed ?? false;
  const known = efforts.filter((effort: Effort) => levels?.some((level) => level.toLowerCase() === effort));
  if (known.length > 0)
    return {
      kind: 'levels',
      levels: [...known],
      canDisable: canDisable ?? levels?.includes('none') ?? false,
      canAuto,
    };
  if (max === 0) return { kind: 'none' };
  if (min === undefined && max === undefined) return undefined;
  return {
    kind: 'budget',
    min: min ?? 0,
    max: max ?? anyBudget,
    canDisable: canDisable ?? min === 0,
    canAuto,
  };
}

/** What a model can do: the owner's word before the shipped one. */
export function traitsOf({
  model,
  about,
}: {
  model: string;
  about?: OwnerTraits | undefined;
}): ModelTraits | undefined {
  const shipped = modelTraits(model);
  return about?.reasoning === undefined ? shipped : { ...shipped, reasoning: about.reasoning };
}
