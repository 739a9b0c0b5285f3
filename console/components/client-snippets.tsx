import { useState } from 'preact/hooks';
import type { ClientSnippets as Snippets } from '../../src/console/wire.ts';
import { root } from '../address.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { Snippet } from './snippet.tsx';

/** As the server writes it where the key belongs. */
const shownKey = 'YOUR_CLIENT_KEY';
const curl = 'curl';

interface Props {
  /** The key itself, where the page has just made it. */
  secret?: string;
  /** The id of the key: its models are offered. */
  keyId?: string;
}

/** How a client is pointed at this gateway with a key: the recipes of `cli-proxy-api connect`. */
export function ClientSnippets({ secret, keyId }: Props) {
  const w = words.value.snippets;
  const [chosen, setChosen] = useState('claude');
  const [model, setModel] = useState('');
  const base = new URL('..', root).href.replace(/\/$/, '');
  const search = new URLSearchParams({ url: base, ...(keyId && { key: keyId }), ...(model && { model }) });
  const { answer, problem } = useLoaded<{ clients: Snippets[]; models: string[] }>(`snippets?${search}`);
  if (problem !== '') return <p class="problem">{problem}</p>;
  if (answer === undefined) return <p class="loading">{words.value.loading}</p>;
  const withKey = (text: string): string => (secret === undefined ? text : text.replaceAll(shownKey, secret));
  const client = answer.clients.find(({ name }) => name === chosen);
  return (
    <section class="clients" aria-label={w.title}>
      <div class="tools">
        <select
          aria-label={w.client}
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
        >
          {answer.clients.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          <option value={curl}>curl</option>
        </select>
        <select aria-label={w.model} value={model} onChange={(event) => setModel(event.currentTarget.value)}>
          <option value="">{w.fitting}</option>
          {answer.models.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </div>
      {client === undefined ? (
        <Snippet text={withKey(curlText(base, model || (answer.models[0] ?? 'MODEL')))} />
      ) : (
        <>
          {client.files.map(({ path, text }) => (
            <div key={path}>
              <p>
                <code>{path}</code>
              </p>
              <Snippet text={withKey(text)} />
            </div>
          ))}
          {client.recipe !== null && <Snippet text={withKey(client.recipe)} />}
          {client.note !== null && <p class="about">{client.note}</p>}
          {client.files.length > 0 && (
            <p class="about">
              {w.instead} <code>cli-proxy-api connect {client.name}</code>
            </p>
          )}
        </>
      )}
      {secret === undefined && <p class="about">{w.putKey(shownKey)}</p>}
    </section>
  );
}

function curlText(base: string, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  return `curl ${base}/v1/chat/completions \\\n  -H "Authorization: Bearer ${shownKey}" \\\n  -H "Content-Type: application/json" \\\n  -d '${body.replaceAll("'", "'\\''")}'`;
}
