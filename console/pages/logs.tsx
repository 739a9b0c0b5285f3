/** The gateway's log, as its file has it: searched, followed. */
import { useEffect } from 'preact/hooks';
import { query, setQuery } from '../address.ts';
import { managed } from '../api.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';

const every = 3000;

export function Logs() {
  const w = words.value.logs;
  const { answer, problem, again } = useLoaded<{ lines: string[] }>(managed('logs?limit=2000'));
  const text = (query.value.get('text') ?? '').toLowerCase();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again();
    }, every);
    return () => clearInterval(timer);
  });
  const lines = (answer?.lines ?? []).filter((line) => line.toLowerCase().includes(text)).toReversed();
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.logs}</h1>
        <input
          type="search"
          aria-label={words.value.filter}
          placeholder={`${words.value.filter} ( / )`}
          value={text}
          onInput={(event) => setQuery({ text: event.currentTarget.value })}
        />
      </div>
      {problem !== '' && (
        <p class="empty">
          {problem} {w.hint}
        </p>
      )}
      {answer !== undefined && lines.length === 0 && <p class="empty">{w.empty}</p>}
      <pre class="log" role="log" tabIndex={0} aria-label={words.value.pages.logs}>
        {lines.join('\n')}
      </pre>
    </>
  );
}
