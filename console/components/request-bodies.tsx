import { saveAs } from '../download.ts';
import { words } from '../language.ts';
import { type RequestLogPart, requestLogParts } from '../request-log-parts.ts';
import { Copy } from './copy.tsx';

/** Headers and bodies of a request, where they are kept; else how they would be. */
export function RequestBodies({ id, text }: { id: string; text: string }) {
  const w = words.value.request;
  const parts = requestLogParts(text).filter(({ kind }) => kind !== 'info');
  return (
    <>
      <h2>{w.kept}</h2>
      {parts.length === 0 ? (
        <p class="empty">{w.keptHow}</p>
      ) : (
        <>
          {parts.map((part) => (
            <details key={`${part.kind} ${part.number}`} class="kept">
              <summary>{titleOf(part)}</summary>
              <Copy text={part.text} />
              <pre class="raw" tabIndex={0}>
                {part.text}
              </pre>
            </details>
          ))}
          <p>
            <button type="button" onClick={() => saveAs(new Blob([text]), `${id}.log`)}>
              {w.whole}
            </button>
          </p>
        </>
      )}
    </>
  );
}

function titleOf({ kind, number }: RequestLogPart): string {
  const { parts } = words.value.request;
  switch (kind) {
    case 'sent':
    case 'came':
      return parts[kind](number ?? 1);
    case 'info':
    case 'headers':
    case 'body':
    case 'answer':
      return parts[kind];
  }
}
