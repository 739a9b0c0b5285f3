/** The gateway's log, as its file has it: searched, followed, saved. */
import { useMemo, useRef, useState } from 'preact/hooks';
import { hrefOf, query, setQuery } from '../address.ts';
import { managed } from '../api.ts';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { saveAs } from '../download.ts';
import { useDrawn } from '../drawn-rows.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { type ListedLine, listedLines, logLevels } from '../log-line.ts';

const every = 3000;
/** Lines that are drawn; a filter looks at all that came. */
const mostShown = 500;

export function Logs() {
  const w = words.value.logs;
  const [follows, setFollows] = useState(true);
  const { answer, problem } = useLoaded<{ lines: string[] }>(
    managed('logs?limit=2000'),
    follows ? every : undefined,
  );
  const level = query.value.get('level') ?? '';
  const known = useRef<ReadonlyMap<string, ListedLine>>(new Map());
  const listed = useMemo(() => listedLines(answer?.lines ?? [], known.current), [answer]);
  known.current = listed;
  const lines = [...listed.values()]
    .filter((line) => passesFilter(line.text) && (level === '' || line.level === level))
    .toReversed();
  const nodes = useDrawn(lines.slice(0, mostShown), drawLine);
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.logs}</h1>
        <FilterField />
        <select
          aria-label={w.level}
          value={level}
          onChange={(event) => setQuery({ level: event.currentTarget.value })}
        >
          <option value="">{`${w.level}: ${words.value.requests.only.all}`}</option>
          {logLevels.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" data-pause aria-pressed={!follows} onClick={() => setFollows(!follows)}>
          {follows ? words.value.requests.pause : words.value.requests.resume}
        </button>
        <button
          type="button"
          disabled={lines.length === 0}
          onClick={() =>
            saveAs(
              new Blob([
                lines
                  .toReversed()
                  .map(({ text }) => `${text}\n`)
                  .join(''),
              ]),
              'gateway.log',
            )
          }
        >
          {w.save}
        </button>
      </div>
      {problem !== '' && (
        <p class="empty">
          {problem} {w.hint}
        </p>
      )}
      {answer !== undefined && lines.length === 0 && <p class="empty">{w.empty}</p>}
      <div class="log" role="log" tabIndex={0} aria-label={words.value.pages.logs}>
        {nodes}
      </div>
    </>
  );
}

const drawLine = ({ key, level, pieces }: ListedLine) => (
  <div key={key} class={`log-line ${toneOf(level)}`}>
    {pieces.map(({ text, request }, place) =>
      request === undefined ? (
        text
      ) : (
        <a
          key={`${place} ${request}`}
          href={hrefOf(request.startsWith('req_') ? `requests/${request}` : `requests?text=${request}`)}
        >
          {text}
        </a>
      ),
    )}
  </div>
);

function toneOf(level: string | undefined): string {
  return level === 'error' ? 'bad' : level === 'warn' ? 'warn' : '';
}
