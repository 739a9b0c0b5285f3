/** What clients ask of a gateway, and a gateway of a provider. */

/** Operations whose requests and answers go through as they are: to providers of OpenAI's kind, and Google's Interactions. */
export const forwardedOperations = [
  'compact',
  'generate-image',
  'edit-image',
  'transcribe',
  'translate-speech',
  'speak',
  'interact',
  // Its answers have another form than those of the version that came after.
  'interact-beta',
] as const;
export type ForwardedOperation = (typeof forwardedOperations)[number];

/** What can be asked of a provider. */
export type Operation =
  | 'generate'
  | 'count-tokens'
  /** Of several texts. */
  | 'embed'
  /** Of one content, in Gemini's form. */
  | 'embed-content'
  | ForwardedOperation;
