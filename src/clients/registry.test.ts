import { expect, test } from 'bun:test';
import type { Connection } from './client.ts';
import { edited } from './edit/edited.ts';
import { clients } from './registry.ts';

const connection: Connection = {
  url: 'http://127.0.0.1:8317',
  key: 'sk-secret',
  model: 'a-model',
  small: 'a-small-model',
  tiers: { opus: 'a-model', sonnet: 'a-model', haiku: 'a-small-model' },
  models: ['a-model', 'a-small-model'],
};

test.each(clients.map((client) => [client.name, client] as const))(
  '%s names the address and the model, in what is written or printed',
  (_, client) => {
    const files = client.settings?.(connection, { home: '/home/ada', env: {} }) ?? [];
    const texts = files.map(({ format, changes }) => edited('', format, changes));
    const all = [...texts, client.recipe?.(connection) ?? ''].join('\n');
    expect(all).toContain('http://127.0.0.1:8317');
    if (client.name !== 'open-webui') expect(all).toContain('a-model');
    // A session without files of its own has everything in the environment and the arguments.
    const session = client.session?.(connection, '/session');
    if (session !== undefined) expect(JSON.stringify(session)).toContain('a-model');
  },
);

test('no key is in the arguments of a program, which everybody may see', () => {
  for (const { session } of clients) {
    const { args = [] } = session?.(connection, '/session') ?? { env: {} };
    expect(args.join(' ')).not.toContain('sk-secret');
  }
});
