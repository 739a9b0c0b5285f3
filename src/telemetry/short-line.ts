/** Lines of the log that are too long: their texts are cut, their fields stay. */

/** Whether a line has more bytes than that. */
export function isLonger(line: string, most: number): boolean {
  // A UTF-16 unit is three bytes of UTF-8 at most.
  return line.length * 3 > most && Buffer.byteLength(line) > most;
}

/** The line in so many bytes: JSON stays JSON, and what is cut ends with an ellipsis. */
export function shortLine(line: string, most: number): string {
  const fields = fieldsOf(line);
  if (fields !== undefined)
    for (let room = most >> 1; room > 8; room >>= 1) {
      const short = `${JSON.stringify(cut(fields, room))}\n`;
      if (!isLonger(short, most)) return short;
    }
  return `${Buffer.from(line)
    .subarray(0, Math.max(0, most - 4))
    .toString('utf8')
    .replace(/\ufffd$/, '')}…\n`;
}

function fieldsOf(line: string): object | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The same fields with texts, and lists and objects as texts, of at most `room` characters. */
function cut(fields: object, room: number): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return [key.slice(0, room), text.length <= room ? value : `${text.slice(0, room).toWellFormed()}…`];
    }),
  );
}
