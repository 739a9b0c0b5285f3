/** A provider that is used through an account: how to sign in, whose account it is, how to ask with it. One record a provider. */
import type { OAuthClient, OAuthDeps } from '../oauth/client.ts';
import type { OAuthFailure, TokenReply } from '../oauth/grant.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { Provider } from './provider.ts';

/** What is known of an account besides its tokens. Written to the account file under the names in snake case. */
export interface AccountFacts {
  email?: string | undefined;
  /** The provider's own id: a uuid, a workspace, `sub`. */
  accountId?: string | undefined;
  /** The plan of the subscription, or the tier. */
  plan?: string | undefined;
  organizationId?: string | undefined;
  organizationName?: string | undefined;
  /** The memberships in the id_token, unchanged. */
  organizations?: readonly JsonObject[] | undefined;
  /** Google: the projects that requests are made for; one credential each. */
  projects?: readonly string[] | undefined;
  /** The host that the token is for, where the token endpoint names one. */
  resourceUrl?: string | undefined;
  /** The key that the API takes instead of the access token, where there is one. */
  apiKey?: string | undefined;
  /** The cookie that the key was made with, and is made anew with; see {@link CookieSignIn}. */
  cookie?: string | undefined;
  /** The id of this device, made at login. */
  deviceId?: string | undefined;
  /** Service accounts: where the models run. */
  location?: string | undefined;
  serviceAccount?: JsonObject | undefined;
}

/** What a login or a refresh reports of the account. */
export type Identified = { ok: true; facts: AccountFacts } | { ok: false; failure: OAuthFailure };

/** What a login step may use and whom it may ask. */
export interface SignInDeps extends OAuthDeps {
  /** A line of progress for the person who waits. */
  progress: (line: string) => void;
  /** The choice given beforehand (`--project`): an id, a comma list, or `ALL`. */
  project: string | undefined;
  /** Asks the person to choose; undefined without a user to ask. Gives the `value` of a choice. */
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
  /** The host where the browser is signed in. */
  site: string;
  /** Milliseconds before expiry at which a renewal is due. */
  refreshLead: number;
  /** `cookies`: all that a browser sends, or the one kept. A cookie that is no longer taken is `sign-in-again`. */
  grant: (cookies: string, client: OAuthClient, deps: OAuthDeps) => Promise<CookieGrant>;
}

/** How account files that do not name their provider by its own name are recognised. */
export interface AccountSigns {
  /** Other names that files have for it, in `type` or at the beginning of their names. */
  names?: readonly string[];
  /** How its access tokens begin. */
  tokenStart?: string;
  /** The `iss` of its tokens, without a slash at the end. */
  issuer?: string;
  /** Fields that only its files have. */
  fields?: readonly string[];
}

export interface AccountProvider {
  /** The name of its APIs ({@link Provider.name}), as in `cooldown.providers`. */
  name: string;
  /** For people: `Gemini CLI`. */
  title: string;
  /** What an account of it is, for help: `a Google account with …`. */
  account: string;
  files?: AccountSigns;
  /** CLIProxyAPI's login flags, and the options of `cli-proxy-api auth <provider>` that each is here. */
  peerFlags: Readonly<Record<string, readonly string[]>>;
  /** Requests are made for a Google Cloud project: the login takes `--project`. */
  forProjects?: true;
  /** Payload rules call the form of its bodies by its own name, as CLIProxyAPI's do. */
  ownPayloadForm?: true;
  /** Undefined for service accounts. */
  oauth: OAuthClient | undefined;
  /**
   * The client for one account, where its calls to the authorization server identify it (headers with the device). Before a
   * login with no facts, before a refresh with the account's: `oauthClient` in `accounts/provider-overrides.ts` asks it.
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
   * where `identifiesOnRefresh` (an API key that changes with the token).
   */
  identify: (
    tokens: TokenReply,
    client: OAuthClient,
    addresses: AccountAddresses,
    deps: SignInDeps,
  ) => Promise<Identified>;
  /** Facts that the reply to a refresh itself may change (a host, a plan); no I/O. */
  factsFromReply: (tokens: TokenReply) => AccountFacts;
  /** Facts of an account file without a field of their own; `claims` are those of its id_token. */
  factsInFile?: (content: JsonObject, claims: JsonObject | undefined) => AccountFacts;
  identifiesOnRefresh: boolean;
  /** What makes two logins the same account, for the file's name: an e-mail, an organisation, an account id. */
  identity: (facts: AccountFacts) => string | undefined;
  /** How the API is asked with this account: one for most, one a project for Google, one a protocol for Vertex. */
  apis: (facts: AccountFacts, addresses: AccountAddresses) => readonly AccountApi[];
}

export interface AccountApi {
  provider: Provider;
  baseUrl: string;
  /** Distinguishes the APIs of one account: the project, the protocol. */
  suffix: string | undefined;
}
