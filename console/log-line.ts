/** A line of the gateway's log, taken apart as far as it says what it is. Pure. */
export interface LogLine {
  text: string;
  level: string | undefined;
  /** Pieces of the text; those with a request's id lead to it. */
  pieces: { text: string; request: string | undefined }[];
}

const levels = ['debug', 'info', 'warn', 'error'] as const;

export function logLine(text: string): LogLine {
  const found = /"level":"(\w+)"|\[?\b(DEBUG|INFO|WARN(?:ING)?|ERROR|debug|info|warn(?:ing)?|error)\b/.exec(
    text,
  );
  const word = (found?.[1] ?? found?.[2])?.toLowerCase();
  const level = levels.find((name) => word?.startsWith(name));
  const pieces = text.split(/(req_[0-9a-f]{24})/).flatMap((piece, at) => {
    if (piece === '') return [];
    return [{ text: piece, request: at % 2 === 1 ? piece : undefined }];
  });
  return { text, level, pieces };
}

export const logLevels = levels;
