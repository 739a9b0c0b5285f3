import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConfigNote, Proposed } from '../../src/console/settings/wire.ts';
import { query } from '../address.ts';
import { ask, reasonOf } from '../api.ts';
import { words } from '../language.ts';
import { lostUntil } from '../live.ts';
import { editedText, lookAt, settings, wantText } from '../settings-draft.ts';
import { attempt } from './notice.ts';
import { Notes } from './save-dialog.tsx';

/** Milliseconds without a key before a text is looked at. */
const quiet = 500;
/** As the lines of the editor are high: `style.css`, in rem. */
const lineHeight = 1.3;
const mostMarks = 100;

interface Found {
  problems: readonly ConfigNote[];
  warnings: readonly ConfigNote[];
}

/** The file itself: checked while it is edited, with problems at their lines. Secrets have placeholders. */
export function YamlEditor() {
  const w = words.value.settings;
  const area = useRef<HTMLTextAreaElement>(null);
  const back = useRef<HTMLDivElement>(null);
  const file = settings.value;
  const text = editedText.value ?? file?.text ?? '';
  // What could not be looked at is, once the gateway is there again.
  const isLost = lostUntil.value !== undefined;
  const [found, setFound] = useState<Found>({ problems: [], warnings: [] });
  const [refusal, setRefusal] = useState('');
  useEffect(() => {
    const leaving = new AbortController();
    const timer = setTimeout(() => {
      ask<Proposed>('settings/look', { method: 'POST', body: { text }, signal: leaving.signal })
        .then(({ problems, warnings }) => {
          setFound({ problems, warnings });
          setRefusal('');
        })
        .catch((error: unknown) => {
          if (!leaving.signal.aborted) setRefusal(reasonOf(error));
        });
    }, quiet);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [text, file?.etag, isLost]);
  const goTo = (line: number): void => {
    const field = area.current;
    if (field === null) return;
    const start =
      text
        .split('\n')
        .slice(0, line - 1)
        .join('\n').length + (line > 1 ? 1 : 0);
    field.focus();
    field.setSelectionRange(start, start + (text.slice(start).split('\n', 1)[0] ?? '').length);
    field.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(getComputedStyle(field).lineHeight));
  };
  const wanted = query.value.get('key');
  useEffect(() => {
    if (wanted === null) return;
    const name = wanted.split('.').at(-1) ?? wanted;
    const at = text.split('\n').findIndex((line) => line.trimStart().startsWith(`${name}:`));
    goTo(at < 0 ? 1 : at + 1);
  }, [wanted]);
  const count = text.split('\n').length;
  return (
    <section aria-label={w.yaml}>
      <p>
        <code>{file?.file}</code> <small>{w.secretsKept}</small>
      </p>
      <div class="yaml">
        <div class="gutter" ref={back} aria-hidden="true">
          <pre>{Array.from({ length: count }, (_, at) => at + 1).join('\n')}</pre>
          {[...found.problems, ...found.warnings].slice(0, mostMarks).map(({ line, message }, at) => (
            <div
              key={`${line} ${message}`}
              class={at < found.problems.length ? 'mark bad' : 'mark warn'}
              title={message}
              style={{ top: `${(Math.max(1, line) - 1) * lineHeight + 0.5}rem` }}
            >
              ●
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          aria-label={w.yaml}
          aria-describedby="yaml-notes"
          aria-invalid={found.problems.length > 0}
          spellcheck={false}
          autocomplete="off"
          wrap="off"
          value={text}
          onInput={(event) => wantText(event.currentTarget.value)}
          onScroll={(event) => {
            if (back.current !== null) back.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onKeyDown={(event) => {
            if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
            event.preventDefault();
            if (editedText.value !== undefined) void attempt(() => lookAt());
          }}
        />
      </div>
      <div id="yaml-notes" role="status">
        {refusal !== '' && <p class="problem">{refusal}</p>}
        <Notes notes={found.problems} tone="problem" goTo={goTo} />
        <Notes notes={found.warnings} tone="warn" goTo={goTo} />
        {refusal === '' && found.problems.length === 0 && <p class="good">{w.loads}</p>}
      </div>
    </section>
  );
}
