import type { MadeClientKey } from '../../src/management/client-keys.ts';
import { words } from '../language.ts';
import { ClientSnippets } from './client-snippets.tsx';
import { Snippet } from './snippet.tsx';

/** A key that has just been made, in the settings of each client. It is nowhere else. */
export function KeySnippets({ made, close }: { made: MadeClientKey; close(): void }) {
  const w = words.value.keys;
  return (
    <section class="card" aria-label={w.shownOnce}>
      <p role="status">{w.shownOnce}</p>
      <Snippet text={made.key} />
      <ClientSnippets secret={made.key} keyId={made.id} />
      <button type="button" onClick={close}>
        {words.value.close}
      </button>
    </section>
  );
}
