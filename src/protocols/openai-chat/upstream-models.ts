/** What OpenAI's own models refuse and compatible servers may need, known by the model's name. */

import type { ModelTraits, ReasoningTraits } from '../model-traits.ts';
import type { Request } from '../request.ts';

/** The name without a provider's prefix: `openai/gpt-5` → `gpt-5`. */
function bareName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase();
}

/** True for models that OpenAI itself serves (open-weight `gpt-oss` not): its API refuses fields it does not know. */
export function isOpenAiModel(model: string): boolean {
  return /^(gpt-\d|chatgpt-|o\d)/.test(bareName(model));
}

/**
 * True for OpenAI's reasoning models: they take `max_completion_tokens` only ("Unsupported parameter: 'max_tokens' is
 * not supported with this model") and no sampling settings but the defaults.
 * platform.openai.com/docs/guides/reasoning, platform.openai.com/docs/api-reference/chat/create
 */
export function isOpenAiReasoningModel(model: string): boolean {
  const name = bareName(model);
  return /^(gpt-([5-9]|\d\d)|o\d)/.test(name) && !name.includes('-chat');
}

/** True for models that search by themselves when `web_search_options` is there: `gpt-4o-search-preview` and its kin. */
export function isSearchModel(model: string): boolean {
  return bareName(model).includes('search');
}

/** True where prompt-cache breakpoints on parts mean something: Claude behind a compatible server. */
export function takesCacheMarkers(model: string): boolean {
  return model.toLowerCase().includes('claude');
}

/** True where Gemini's thought signatures are wanted back in `extra_content`: Google's compatible endpoint. */
export function takesGeminiSignatures(model: string): boolean {
  return model.toLowerCase().includes('gemini');
}

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
 * think take no tools from OpenAI here, whatever the setting; from services that follow it they do.
 */
export function mustNotThink(request: Request, model: string, traits: ModelTraits | undefined): boolean {
  if (traits?.toolsOverChat === undefined || isRouted(model)) return false;
  if (traits.reasoning?.kind === 'levels' && !traits.reasoning.canDisable) return false;
  return traits.toolsOverChat === 'effort-none' || request.reasoning !== undefined;
}
