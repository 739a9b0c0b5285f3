/** Clients on the path: do they ask this gateway, or whom. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Client, Connection, Places } from '../../clients/client.ts';
import { ok, type Subject, skip } from './check.ts';

/** Bytes of a settings file that are looked at. */
const mostBytes = 4e6;

export const clientChecks: Subject = async ({ config, env, home }) => {
  const { clients } = await import('../../clients/registry.ts');
  const { addressOf } = await import('../running-address.ts');
  const id = 'clients.found';
  const found = clients.filter(
    ({ program }) => program !== undefined && Bun.which(program.command, { PATH: env.PATH ?? '' }) !== null,
  );
  if (found.length === 0) return [skip(id, 'No client is on the path.')];
  const url = await addressOf(config);
  return Promise.all(
    found.map(async (client) => {
      const { here, sentence } = await whereTo(client, url, { env, home });
      return {
        ...ok(id, `${client.title} is here, and ${sentence}.`),
        ...(!here && { fix: `cli-proxy-api connect ${client.name}` }),
      };
    }),
  );
};

/** Whom it asks, by its environment and by what "connect" would have written. Nothing of its settings is printed. */
async function whereTo(
  client: Client,
  url: string,
  places: Places,
): Promise<{ here: boolean; sentence: string }> {
  const model = 'MODEL';
  const tiers = { opus: model, sonnet: model, haiku: model };
  const connection: Connection = { url, key: 'KEY', model, small: model, tiers, models: [model] };
  for (const { paths } of client.settings?.(connection, places) ?? []) {
    const path = paths.find((one) => existsSync(one));
    if (path !== undefined && (await beginning(path)).includes(url))
      return { here: true, sentence: 'its settings lead to this gateway' };
  }
  const variables = Object.entries(client.session?.(connection, places.home).env ?? {});
  for (const [name, value] of variables) {
    const set = places.env[name];
    if (value === undefined || set === undefined || !value.startsWith(url)) continue;
    return set.startsWith(url)
      ? { here: true, sentence: `${name} leads to this gateway` }
      : { here: false, sentence: `${name} leads to ${hostOf(set)}` };
  }
  return { here: false, sentence: 'nothing leads it to this gateway' };
}

async function beginning(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.length > mostBytes ? '' : text;
}

/** Without the part before an @. */
function hostOf(address: string): string {
  return URL.parse(address)?.host ?? 'an address that is none';
}
