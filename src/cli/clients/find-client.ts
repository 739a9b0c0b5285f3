/** The client that a person names. */
import type { Client } from '../../clients/client.ts';
import { clients } from '../../clients/registry.ts';
import { suggestion } from '../../config/suggestion.ts';
import { Failure } from '../failure.ts';

/** Other names of clients. */
const otherNames: Readonly<Record<string, string>> = {
  'claude-code': 'claude',
  'gemini-cli': 'gemini',
  'qwen-code': 'qwen',
  'vs-code': 'vscode',
  code: 'vscode',
  copilot: 'vscode',
  openwebui: 'open-webui',
  openai: 'openai-sdk',
  anthropic: 'anthropic-sdk',
  google: 'google-sdk',
};

/** Throws a {@link Failure} of usage for an unknown name, or none. `suits` is what the command can do with it. */
export function findClient(
  name: string | undefined,
  command: string,
  suits: (client: Client) => boolean,
): Client {
  const able = clients.filter(suits);
  const names = able.map((client) => client.name);
  if (name === undefined) throw new Failure('usage', 'which client?', `Write one of: ${names.join(', ')}.`);
  const wanted = Object.hasOwn(otherNames, name) ? otherNames[name] : name;
  const found = able.find((client) => client.name === wanted);
  if (found !== undefined) return found;
  if (clients.some((client) => client.name === wanted))
    throw new Failure(
      'usage',
      `${name} is no program to start`,
      `"cli-proxy-api connect ${wanted}" shows how to set it up.`,
    );
  const guess = suggestion(name, names);
  throw new Failure(
    'usage',
    `unknown client "${name}"`,
    guess === undefined
      ? `Write one of: ${names.join(', ')}.`
      : `Did you mean "cli-proxy-api ${command} ${guess}"?`,
  );
}
