/** Services with an OpenAI protocol that are known by name: entries of `openai-compatibility` without a `base-url`. */
import type { Provider } from './provider.ts';

export interface Service {
  /** For people. */
  title: string;
  /** Where its API is, up to and including the version; undefined where each customer has an address of their own. */
  baseUrl: string | undefined;
  /** Other names under which entries mean it. */
  otherNames?: readonly string[];
  /** Hosts that are its own, besides that of `baseUrl`: `*` stands for any text. */
  hosts?: readonly string[];
  /** It runs on the owner's computer and asks for no key. */
  keyless?: true;
  /** What it wants otherwise than OpenAI's protocol says: laid over the record of any compatible service. */
  differences?: (settings: ServiceSettings) => Partial<Provider>;
  /** Where all this is written. */
  source: string;
}

/** What an entry of the configuration says that changes how the service is asked. */
export interface ServiceSettings {
  protocol: 'openai-chat' | 'openai-responses';
  apiVersion: string | undefined;
}
