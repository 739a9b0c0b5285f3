/** The gateway's log, as its file has it: searched, followed. */
import { managed } from '../api.ts';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';

const every = 3000;

export function Logs() {
  const w = words.value.logs;
  const { answer, problem } = useLoaded<{ lines: string[] }>(managed('logs?limit=2000'), every);
  const lines = (answer?.lines ?? []).filter((line) => passesFilter(line)).toReversed();
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.logs}</h1>
        <FilterField />
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
