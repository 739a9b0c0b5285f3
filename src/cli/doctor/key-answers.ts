/** Asking providers whether they take the keys of the config, by a list of models: that costs nothing. */
import type { Config } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import { endpointUrl } from '../../providers/provider.ts';
import { patience, reasonWithin } from './check.ts';
import { type Outbound, openOutbound } from './outbound.ts';

export interface KeyAnswer {
  /** As logs call the key. */
  label: string;
  state: 'taken' | 'refused' | 'unknown';
  /** What the provider did, without a full stop. */
  sentence: string;
}

/** Keys that are asked about at a time. */
const atOnce = 8;

export async function keyAnswers(config: Config): Promise<KeyAnswer[]> {
  const { credentialsFromConfig } = await import('../../credentials/from-config.ts');
  using outbound = await openOutbound(config);
  const rest = credentialsFromConfig(config);
  const answers: KeyAnswer[] = [];
  const one = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift())
      answers.push(await answerTo(next, outbound));
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return answers;
}

async function answerTo(credential: Credential, { question }: Outbound): Promise<KeyAnswer> {
  const { label, secret, provider } = credential;
  const path = await listPath(credential);
  if (path === undefined || typeof secret !== 'string')
    return { label, state: 'unknown', sentence: 'cannot be checked without cost' };
  const { askProvider } = await import('../../gateway/upstream/provider-question.ts');
  try {
    const asked = { url: endpointUrl(credential.baseUrl, path), body: provider.offers?.body, patience };
    const { status } = await askProvider(credential, secret, asked, question);
    if (status === 200) return { label, state: 'taken', sentence: 'is accepted by its provider' };
    if (status === 401 || status === 403)
      return { label, state: 'refused', sentence: `is rejected by its provider (${status})` };
    return { label, state: 'unknown', sentence: `may be valid or not: its provider responds with ${status}` };
  } catch (error) {
    const why = reasonWithin(error);
    return { label, state: 'unknown', sentence: `may be valid or not: ${why}` };
  }
}

/** Where a provider lists its models, below its base URL; undefined where nothing is known of it. */
async function listPath({ provider }: Credential): Promise<string | undefined> {
  if (provider.offers !== undefined) return provider.offers.path;
  const { codecs } = await import('../../protocols/registry.ts');
  const generate = provider.endpoints.generate?.({ model: 'm', stream: false });
  return generate && codecs[provider.protocol].modelList.pathFrom(generate);
}
