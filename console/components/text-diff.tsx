import { words } from '../language.ts';
import { lineDiff, shortened } from '../line-diff.ts';

const marks = { same: ' ', gone: '−', new: '+' } as const;

/** What differs between two texts, with some lines around it. */
export function TextDiff({ before, after }: { before: string; after: string }) {
  const w = words.value.settings;
  if (before === after) return <p class="empty">{w.noDifference}</p>;
  let place = 0;
  return (
    <pre class="diff" role="region" tabIndex={0} aria-label={w.difference}>
      {shortened(lineDiff(before, after)).map((line) => {
        place += 1;
        return line === undefined ? (
          <span key={place} class="left-out">
            {'⋯\n'}
          </span>
        ) : (
          <span key={place} class={line.kind}>
            <span class="line-number">{String(line.line).padStart(4)}</span>
            {` ${marks[line.kind]} ${line.text}\n`}
          </span>
        );
      })}
    </pre>
  );
}
