/** What a model is for, by the words of its name: for a default choice. */

const otherUse =
  /embed|image|imagen|tts|whisper|audio|speech|transcri|veo|sora|dall|live|realtime|moderation|rerank/i;
/** A word of the name: `gemini` is not a mini. */
const quick = /(?<![a-z])(?:haiku|flash|mini|lite|nano|small)(?![a-z])/i;

/** Whether it is made for conversations, and not for images, sounds or embeddings. */
export function isForConversation(model: string): boolean {
  return !otherUse.test(model);
}

/** Whether it is a cheap and quick one of its family. */
export function isQuick(model: string): boolean {
  return quick.test(model);
}
