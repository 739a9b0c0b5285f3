/** A provider that is used through an account: how to sign in, whose account it is, how to ask with it. One record a provider. */
import type { OAuthClient, OAuthWorld } from '../oauth/client.ts';
import type { OAuthFailure, TokenReply } from '../oauth/grant.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { Provider } from './provider.ts';

/** The names in `cli-proxy-api auth <name>`, in `providers.<name>` of the configuration and in `type` of account files. */
export const accountKinds = [
  'gemini',
  'claude',
  'codex',
  'qwen',
  'iflow',
  'antigravity',
  'kimi',
  'xai',
  'vertex',
] as const;
export type AccountKind = (typeof accountKinds)[number];

/** What is known of an account besides its tokens. Written to the account file under the names in snake case. */
export interface AccountFacts {
  email?: string | undefined;
  /** Claude: the account's uuid. Codex: chatgpt_account_id (the workspace). xAI: `sub`. */
  accountId?: string | undefined;
  /** Codex: chatgpt_plan_type. Google: the tier. */
  plan?: string | undefined;
  organizationId?: string | undefined;
  organizationName?: string | undefined;
  /** Codex: the memberships in the id_token, as they stand there. */
  organizations?: readonly JsonObject[] | undefined;
  /** Google: the projects that requests are made for; one credential each. */
  projects?: readonly string[] | undefined;
  /** Qwen: the host that the token is for. */
  resourceUrl?: string | undefined;
  /** iFlow: the key that the API takes instead of the access token. */
  apiKey?: string | undefined;
  /** iFlow: the cookie that the key was made with, and is made anew with; see {@link CookieSignIn}. */
  cookie?: string | undefined;
  /** Kimi: the id of this device, made at login. */
  deviceId?: string | undefined;
  /** Vertex. */
  location?: string | undefined;
  serviceAccount?: JsonObject | undefined;
}

/** What a login or a refresh tells of the account. */
export type Identified = { ok: true; facts: AccountFacts } | { ok: false; failure: OAuthFailure };

/** What a login step may use and whom it may ask. */
export interface SignInWorld extends OAuthWorld {
  /** A line of progress for the person who waits. */
  progress: (line: string) => void;
  /** The choice given beforehand (`--project`): an id, a comma list, or `ALL`. */
  project: string | undefined;
  /** Asks the person to choose; undefined where nobody can answer. Gives the `value` of a choice. */
  choose:
    | ((
        question: string,
        choices: readonly { value: string; label: string }[],
      ) => Promise<string | undefined>)
    | undefined;
}

/** Addresses that the configuration may replace (`providers.<name>`). */
export interface AccountAddresses {
  /** The API, without a path that the record itself adds. */
  baseUrl: string;
}

/** What a cookie gives: tokens as a token endpoint gives them, and whose they are. */
export type CookieGrant =
  | { ok: true; tokens: TokenReply; facts: AccountFacts }
  | { ok: false; failure: OAuthFailure };

/** A way in without OAuth: the cookie of a browser that is signed in. It is kept among the facts, and renews, too. */
export interface CookieSignIn {
  /** Where the browser is signed in: `platform.iflow.cn`. */
  site: string;
  /** Milliseconds before expiry at which a renewal is due. */
  refreshLead: number;
  /** `cookies`: all that a browser sends, or the one kept. A cookie that is no longer taken is `sign-in-again`. */
  grant: (cookies: string, client: OAuthClient, world: OAuthWorld) => Promise<CookieGrant>;
}

export interface AccountProvider {
  kind: AccountKind;
  /** For people: `Gemini CLI`. */
  title: string;
  /** Undefined for service accounts. */
  oauth: OAuthClient | undefined;
  /**
   * The client for one account, where its calls to the authorization server say which (Kimi's device headers). Before a login
   * with no facts, before a refresh with the account's: `oauthClient` in `overrides.ts` asks it.
   */
  clientFor?: (client: OAuthClient, facts: AccountFacts) => OAuthClient;
  /** Service accounts: where their tokens are asked for instead of at the `token_uri` of the key file. */
  tokenUrl?: string | undefined;
  /** The ways to sign in, the usual one first. */
  signIn: readonly ('browser' | 'device' | 'cookie' | 'file')[];
  cookieSignIn?: CookieSignIn;
  baseUrl: string;
  /** Milliseconds before expiry at which a refresh is due. */
  refreshLead: number;
  /** The refresh token is not replaced when it is used: nothing is lost when what it gave cannot be kept. */
  refreshTokenStays?: true;
  /**
   * Who signed in: claims, userinfo, onboarding. `previous` is what is known from an earlier login. Also after a refresh
   * where `identifiesOnRefresh` (iFlow's API key changes with the token).
   */
  identify: (
    tokens: TokenReply,
    client: OAuthClient,
    addresses: AccountAddresses,
    world: SignInWorld,
  ) => Promise<Identified>;
  /** Facts that the reply to a refresh itself may change (Qwen's resource_url, Codex' plan); no I/O. */
  factsFromReply: (tokens: TokenReply) => AccountFacts;
  identifiesOnRefresh: boolean;
  /** What makes two logins the same account, for the file's name: an e-mail, an organisation, an account id. */
  identity: (facts: AccountFacts) => string | undefined;
  /** How the API is asked with this account: one for most, one a project for Google, one a protocol for Vertex. */
  apis: (facts: AccountFacts, addresses: AccountAddresses) => readonly AccountApi[];
}

export interface AccountApi {
  provider: Provider;
  baseUrl: string;
  /** Tells the APIs of one account apart: the project, the protocol. */
  suffix: string | undefined;
}
