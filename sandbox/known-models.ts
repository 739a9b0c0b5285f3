/** Which model names the providers know, and how they say that they do not know one. */
import { claudeFacts } from './anthropic/model-facts.ts';
import type { DialectName } from './dialect.ts';
import { invalid, Refused } from './failure.ts';
import { geminiFacts } from './gemini/model-facts.ts';
import { openAiFacts } from './openai/model-facts.ts';

/** Names of the families, which have more models than the tables of facts have rows. */
const families: Record<DialectName, RegExp> = {
  // Servers of every maker speak Chat.
  'openai-chat':
    /^(@?[\w.-]+\/)*(gpt|chatgpt|codex|o\d|deepseek|qwen|kimi|moonshot|glm|grok|llama|mistral|mixtral|minimax|gemini|gemma|claude|text-embedding|phi|nova|command)/i,
  'openai-responses': /^(gpt|chatgpt|codex|o\d|computer-use|deepseek|grok)\b/,
  'anthropic-messages': /^claude-([a-z]+-)?\d/,
  gemini: /^(gemini|gemma|learnlm|text-embedding)-/,
};

/** Throws `Refused`, in the provider's words, for a name that is neither the sandbox's nor of the provider's models. */
export function demandKnownModel(dialect: DialectName, model: string): void {
  if (/^sandbox(-|$)/.test(model)) return;
  const known =
    families[dialect].test(model) || factsOf[dialect].some((factsIn) => factsIn(model) !== undefined);
  if (!known) throw unknown(dialect, model);
}

/** Whose models each serves: what Google calls Antigravity has those of others, too. */
const factsOf: Record<DialectName, readonly ((model: string) => object | undefined)[]> = {
  'openai-chat': [openAiFacts, claudeFacts, geminiFacts],
  'openai-responses': [openAiFacts],
  'anthropic-messages': [claudeFacts],
  gemini: [geminiFacts, claudeFacts],
};

/** The words, statuses and codes are those of recorded answers. */
function unknown(dialect: DialectName, model: string): Refused {
  switch (dialect) {
    case 'openai-chat':
      return notFound(`The model \`${model}\` does not exist or you do not have access to it.`);
    case 'openai-responses':
      return invalid(`The requested model '${model}' does not exist.`, 'model', 'model_not_found');
    case 'anthropic-messages':
      return notFound(`model: ${model}`);
    case 'gemini':
      return notFound(
        `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
      );
  }
}

function notFound(message: string): Refused {
  return new Refused({ status: 404, kind: 'not-found', message });
}
