import { root } from '../address.ts';
import { words } from '../language.ts';
import { Snippet } from './snippet.tsx';

/** A key that has just been made, in the settings of each client. It is nowhere else. */
export function KeySnippets({ secret, close }: { secret: string; close(): void }) {
  const w = words.value.keys;
  return (
    <section class="card" aria-label={w.shownOnce}>
      <p role="status">{w.shownOnce}</p>
      <Snippet text={secret} />
      {snippetsFor(secret).map(({ client, text }) => (
        <div key={client}>
          <h2>{client}</h2>
          <Snippet text={text} />
        </div>
      ))}
      <button type="button" onClick={close}>
        {words.value.close}
      </button>
    </section>
  );
}

/** The variables and settings are those of the clients' own documentation; docs/cli.md `connect` writes the same. */
function snippetsFor(key: string): { client: string; text: string }[] {
  const base = new URL('..', root).href.replace(/\/$/, '');
  const lines = (...all: string[]): string => all.join('\n');
  const openCode = { provider: { openai: { options: { baseURL: `${base}/v1`, apiKey: key } } } };
  return [
    {
      client: 'Claude Code',
      text: lines(`export ANTHROPIC_BASE_URL=${base}`, `export ANTHROPIC_AUTH_TOKEN=${key}`),
    },
    {
      client: 'Codex (~/.codex/config.toml)',
      text: lines(
        'model_provider = "gateway"',
        '[model_providers.gateway]',
        'name = "gateway"',
        `base_url = "${base}/v1"`,
        'wire_api = "responses"',
        `env_key = "GATEWAY_API_KEY"   # export GATEWAY_API_KEY=${key}`,
      ),
    },
    {
      client: 'Gemini CLI',
      text: lines(`export GOOGLE_GEMINI_BASE_URL=${base}`, `export GEMINI_API_KEY=${key}`),
    },
    { client: 'OpenCode (opencode.json)', text: JSON.stringify(openCode, null, 2) },
    { client: 'curl', text: `curl ${base}/v1/models -H "Authorization: Bearer ${key}"` },
  ];
}
