/** How hard OpenAI's models think over Chat Completions, which takes less than the Responses API does. */
import type { Request } from '../model.ts';
import type { ModelTraits, ReasoningTraits } from '../model-traits.ts';

/** Whether a service puts the maker before its models' names: it asks OpenAI in its own way. */
function isRouted(model: string): boolean {
  return model.includes('/');
}

/** What the model takes here: fewer levels than over the Responses API, of some. */
export function chatReasoning(model: string, traits: ModelTraits | undefined): ReasoningTraits | undefined {
  const { reasoning: known, mostOverChat: most } = traits ?? {};
  if (known?.kind !== 'levels' || most === undefined || isRouted(model)) return known;
  const levels = known.levels.slice(0, known.levels.indexOf(most) + 1);
  return levels.length === 0 ? known : { ...known, levels };
}

/**
 * Whether OpenAI would refuse every effort but `none`, for the sake of the function tools in the request. Models that always
 * think take no tools from OpenAI here, whatever is said; from services that follow it they do.
 */
export function mustNotThink(request: Request, model: string, traits: ModelTraits | undefined): boolean {
  if (traits?.toolsOverChat === undefined || isRouted(model)) return false;
  if (traits.reasoning?.kind === 'levels' && !traits.reasoning.canDisable) return false;
  return traits.toolsOverChat === 'effort-none' || request.reasoning !== undefined;
}
