/** Which of OpenAI's models write at another length than they do by themselves. */

/** What every model takes. */
export const usualVerbosity = 'medium';

/**
 * Models before GPT-5, those for conversation and the o line answer 400 to any other: "'verbosity' does not support 'low' with
 * this model" (google-deepmind/concordia#164; each model asked: enricoros/big-AGI#947).
 */
export function refusesVerbosity(model: string, wanted: string): boolean {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return wanted !== usualVerbosity && /^(?:gpt-[34]|chatgpt-|o\d|gpt-5(?:\.\d+)?-chat)/.test(name);
}
