/** A state as a dot and a word: never by colour alone. */
export type Tone = 'good' | 'warn' | 'bad' | 'off';

export function State({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`state ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {children}
    </span>
  );
}

/** That of an HTTP status, or of a request that runs. */
export function toneOf(status: number | null, error: string | null): Tone {
  if (status === null) return 'off';
  if (error === 'client-gone') return 'warn';
  return status < 400 && error === null ? 'good' : 'bad';
}
