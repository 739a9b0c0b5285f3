/** What the command line says of each provider before anything of it is loaded; a test holds it against the records. */
import type { AccountKind } from '../../providers/account-provider.ts';

export interface SignInKind {
  /** For people. */
  title: string;
  /** What an account of it is: the row in the list of providers. */
  account: string;
  /** The ways to sign in, the usual one first. */
  ways: readonly ('browser' | 'device' | 'cookie')[];
  /** Where the browser comes back to, by the provider's registration. */
  port: number | undefined;
  /** Whether requests are made for a Google Cloud project. */
  project: boolean;
}

/** The providers of `cli-proxy-api auth <provider>`; Vertex takes a file instead of a login. */
export const signInKinds = {
  gemini: {
    title: 'Gemini CLI',
    account: 'a Google account with Gemini Code Assist, the free tier too',
    ways: ['browser'],
    port: 8085,
    project: true,
  },
  claude: {
    title: 'Claude',
    account: 'a Claude Pro, Max, Team or Enterprise subscription',
    ways: ['browser'],
    port: 54_545,
    project: false,
  },
  codex: {
    title: 'Codex',
    account: 'a ChatGPT Plus, Pro, Team or Enterprise subscription',
    ways: ['browser', 'device'],
    port: 1455,
    project: false,
  },
  qwen: { title: 'Qwen', account: 'a Qwen Chat account', ways: ['device'], port: undefined, project: false },
  iflow: {
    title: 'iFlow',
    account: 'an iFlow account',
    ways: ['browser', 'cookie'],
    port: 11_451,
    project: false,
  },
  antigravity: {
    title: 'Antigravity',
    account: 'a Google account with Antigravity',
    ways: ['browser'],
    port: 51_121,
    project: true,
  },
  kimi: {
    title: 'Kimi',
    account: 'a Kimi account with Kimi for Coding',
    ways: ['device'],
    port: undefined,
    project: false,
  },
  xai: { title: 'xAI', account: 'a Grok account', ways: ['device'], port: undefined, project: false },
} as const satisfies Record<Exclude<AccountKind, 'vertex'>, SignInKind>;

export type SignInName = keyof typeof signInKinds;
/** The names, in the order of help. */
export const signInNames = [
  'gemini',
  'claude',
  'codex',
  'qwen',
  'iflow',
  'antigravity',
  'kimi',
  'xai',
] as const satisfies readonly SignInName[];
