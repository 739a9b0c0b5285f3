/** What generativelanguage.googleapis.com takes from each model: the sandbox's own table, which knows nothing of the gateway's. */

type Level = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

export interface GeminiFacts {
  /** The first row whose pattern is found in the name counts. */
  pattern: RegExp;
  /** How its thinking is set: not at all, by a number of tokens, or by a level. */
  thinking:
    | { by: 'nothing' }
    | { by: 'budget'; min: number; max: number; off: boolean }
    | { by: 'level'; levels: readonly Level[] };
  /** Whether it thinks where nothing was said, and so signs its calls. */
  thinks: boolean;
  /**
   * Calls may come back without their signatures: Gemini 2.5 only recommends them, Gemini 3 validates them.
   * https://ai.google.dev/gemini-api/docs/thought-signatures#model-behavior
   */
  signaturesOptional?: true;
  /** "Penalty is not enabled for this model": absent where it takes the two penalties. */
  noPenalties?: true;
  source: string;
}

const page = 'https://ai.google.dev/gemini-api/docs/thinking';
const levelsPage = 'https://ai.google.dev/gemini-api/docs/generate-content/thinking#thinking-levels';

const rows: readonly GeminiFacts[] = [
  {
    pattern: /^gemini-(1|2\.0-(flash|pro)(?!-thinking))/,
    thinking: { by: 'nothing' },
    thinks: false,
    source: `${page}: supported models`,
  },
  // Models of images, speech and music have rules of their own.
  {
    pattern: /^gemini-2\.5-.*(image|tts|audio|live)/,
    thinking: { by: 'nothing' },
    thinks: false,
    source: page,
  },
  {
    pattern: /^gemini-2\.5-pro/,
    noPenalties: true,
    thinking: { by: 'budget', min: 128, max: 32_768, off: false },
    thinks: true,
    signaturesOptional: true,
    source: `${page}#set-budget; ChatLunaLab/chatluna#519: Budget 0 is invalid`,
  },
  {
    pattern: /^gemini-2\.5-flash-lite/,
    noPenalties: true,
    thinking: { by: 'budget', min: 512, max: 24_576, off: true },
    thinks: false,
    signaturesOptional: true,
    source: `${page}#set-budget`,
  },
  {
    pattern: /^gemini-2\.5-flash/,
    noPenalties: true,
    thinking: { by: 'budget', min: 1, max: 24_576, off: true },
    thinks: true,
    signaturesOptional: true,
    source: `${page}#set-budget; RooCodeInc/Roo-Code#10700: no level`,
  },
  {
    pattern: /^gemini-3-pro-preview$/,
    noPenalties: true,
    thinking: { by: 'level', levels: ['LOW', 'HIGH'] },
    thinks: true,
    source: `egoist/chatwise-releases#1206: MEDIUM refused; ${levelsPage}`,
  },
  {
    pattern: /^gemini-3\.1-pro-preview/,
    noPenalties: true,
    thinking: { by: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'] },
    thinks: true,
    source: `vellum-ai/vellum-assistant#32687: MINIMAL refused; ${levelsPage}`,
  },
  {
    pattern: /^gemini-3\.[78]-flash$/,
    noPenalties: true,
    thinking: { by: 'level', levels: ['LOW', 'MEDIUM', 'HIGH'] },
    thinks: true,
    source: `can1357/oh-my-pi#10543, tetsuo-ai/agenc-core#2393: MINIMAL refused; ${levelsPage}`,
  },
  {
    pattern: /^gemini-3(\.[156])?-flash(-lite)?(-preview)?$/,
    noPenalties: true,
    thinking: { by: 'level', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] },
    thinks: true,
    source: `maximhq/bifrost#7287; ${levelsPage}`,
  },
];

/** What is known of the model; undefined for names that are not of Google's, or of which no page says more. */
export function geminiFacts(model: string): GeminiFacts | undefined {
  return rows.find(({ pattern }) => pattern.test(model));
}
