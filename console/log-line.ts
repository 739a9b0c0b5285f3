/** A line of the gateway's log, parsed as far as its format is known. Pure. */
export interface LogLine {
  text: string;
  level: string | undefined;
  /** Pieces of the text; those with a request's id, or the end of one in its own column, lead to it. */
  pieces: { text: string; request: string | undefined }[];
}

const levels = ['debug', 'info', 'warn', 'error'] as const;

export function logLine(text: string): LogLine {
  const found = /"level":"(\w+)"|\[?\b(DEBUG|INFO|WARN(?:ING)?|ERROR|debug|info|warn(?:ing)?|error)\b/.exec(
    text,
  );
  const word = (found?.[1] ?? found?.[2])?.toLowerCase();
  const level = levels.find((name) => word?.startsWith(name));
  const pieces = text
    .split(/(req_[0-9a-f]{24}|(?<=^\[[^\]]*\] \[)[0-9a-f]{8}(?=\]))/)
    .flatMap((piece, at) => {
      if (piece === '') return [];
      return [{ text: piece, request: at % 2 === 1 ? piece : undefined }];
    });
  return { text, level, pieces };
}

export const logLevels = levels;

export interface ListedLine extends LogLine {
  /** The line's own, also in another place: lines may be equal. */
  key: string;
}

/** Lines by their keys, in their order; one that was there before is the very same value. */
export function listedLines(
  texts: readonly string[],
  before: ReadonlyMap<string, ListedLine>,
): Map<string, ListedLine> {
  const times = new Map<string, number>();
  const listed = new Map<string, ListedLine>();
  // From the end: what is taken away is the oldest.
  for (const text of texts.toReversed()) {
    const time = (times.get(text) ?? 0) + 1;
    times.set(text, time);
    const key = `${time} ${text}`;
    listed.set(key, before.get(key) ?? { key, ...logLine(text) });
  }
  return new Map([...listed].toReversed());
}
