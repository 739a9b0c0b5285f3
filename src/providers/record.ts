/** A provider: everything that the program knows of one is one record, in one file of this folder. */
import type { PricedMaker } from '../models/price-source.ts';
import type { AccountProvider } from './account-provider.ts';
import type { Provider } from './provider.ts';
import type { Service } from './service.ts';

export interface ProviderRecord {
  /** `gen_ai.provider.name` of the OpenTelemetry conventions, where they have one for it: docs/registry/attributes/gen-ai. */
  genaiName?: string;
  /** Signed-in accounts: `cli-proxy-api auth <name>`, `providers.<name>` and `oauth-…` of the configuration, account files. */
  account?: AccountProvider;
  /** API keys in a list of their own, `<name>-api-key`. */
  keys?: KeyList;
  /** An entry of `openai-compatibility` with this name, which needs no `base-url`. */
  service?: Service;
  /**
   * Hosts besides that of its API that take an account's token: where its own programs ask what is left. Source: what the
   * peer's panel 1.22 asks there.
   */
  tokenHosts?: readonly string[];
  /** Whose models it makes: for prices and the table of models. */
  maker?: PricedMaker;
  /**
   * Keys in files of CLIProxyAPI that are about this provider and have no effect here, by the reason; `[]` matches any place
   * in a list.
   */
  unusedKeys?: Partial<Record<'not-yet' | 'by-design', readonly string[]>>;
  /** Where version 8 of those files has keys that older ones have elsewhere: the newer place, then the older. */
  version8?: Readonly<Record<string, string>>;
}

/** A list of API keys in the configuration. */
export interface KeyList {
  provider: Provider;
  /** Where the API is when an entry names no other place. */
  baseUrl: string;
  /** For the reference: `Address of the …`, `expected a list of …`, and what the list is. */
  words: { api: string; entries: string; list: string };
  /** How its keys begin, where all of them do: such a text is never shown. */
  keyStart?: string;
  /** The service may answer over a WebSocket: entries have a switch for it. */
  websockets?: true;
}
