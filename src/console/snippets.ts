/** How each client is pointed at this gateway: what `cli-proxy-api connect --print` prints, from the same recipes. No key is in it. */
import type { Client, Connection } from '../clients/client.ts';
import { data, problem } from './answers.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';
import type { ClientSnippets } from './wire.ts';

export interface SnippetDeps {
  /** Names of the models that the client key with this id sees; of all without one. */
  servedModels(keyId: string | undefined): readonly string[];
}

/** The placeholder of the key: the page inserts its key, if it has one. */
const shownKey = 'YOUR_CLIENT_KEY';
/** The placeholder of a model while none is served. */
const noModel = 'MODEL';

export function snippetRoute({ servedModels }: SnippetDeps): ApiRoute {
  return apiRoute('GET', 'snippets', 'anyone', async ({ search, session }) => {
    const url = addressOf(search.get('url'));
    if (url === undefined) return problem(400, 'bad_input', 'url: expected the address of this gateway');
    const key = session.role.kind === 'key' ? session.role.id : (search.get('key') ?? undefined);
    const { clients } = await import('../clients/registry.ts');
    const served = servedModels(key);
    const wanted = search.get('model') || undefined;
    const all = await Promise.all(clients.map((client) => snippetsOf(client, url, served, wanted)));
    return data({ clients: all, models: served });
  });
}

/** Of http or https, without a slash at its end. */
function addressOf(given: string | null): string | undefined {
  const url = given === null ? null : URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

async function snippetsOf(
  client: Client,
  url: string,
  served: readonly string[],
  wanted: string | undefined,
): Promise<ClientSnippets> {
  const { modelChoice } = await import('../clients/model-choice.ts');
  const { edited } = await import('../clients/edit/edited.ts');
  const models = modelChoice(client, served, wanted) ?? modelChoice(client, [], noModel);
  if (models === undefined) throw new Error(`No model for ${client.name}.`);
  const connection: Connection = { url, key: shownKey, ...models };
  const files = client.settings?.(connection, { home: '~', env: {} }) ?? [];
  return {
    name: client.name,
    title: client.title,
    model: connection.model,
    files: files.map(({ paths, format, changes }) => ({
      path: paths[0] ?? '',
      text: edited('', format, changes).trimEnd(),
    })),
    recipe: client.recipe?.(connection).trimEnd() ?? null,
    note: client.note ?? null,
    command: client.program === undefined ? null : client.program.command,
  };
}
