/** A line that a person types, or pastes, without anybody seeing it. */

export type HiddenLine =
  | { kind: 'line'; text: string }
  /** Nothing more comes: Ctrl-D, or the end of what is piped in. */
  | { kind: 'end' }
  /** Ctrl-C, which is a key like any other while a terminal shows nothing. */
  | { kind: 'interrupted' };

/** What more keys make of the text: raw mode leaves it to us what the keys of control mean. */
export function typed(text: string, keys: string): HiddenLine | { kind: 'typing'; text: string } {
  let line = text;
  // Arrows and the marks around a pasted text are no part of it.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
  for (const key of keys.replace(/\x1b\[[0-9;]*[A-Za-z~]/g, '')) {
    if (key === '\r' || key === '\n') return { kind: 'line', text: line.trim() };
    if (key === '\x03') return { kind: 'interrupted' };
    if (key === '\x04') return { kind: 'end' };
    if (key === '\x7f' || key === '\b') line = line.slice(0, -1);
    else if (key >= ' ') line += key;
  }
  return { kind: 'typing', text: line };
}

/** What raw mode needs of a terminal. */
interface Terminal extends AsyncIterable<Uint8Array> {
  setRawMode(on: boolean): unknown;
}

/**
 * Reads one line from the terminal. It may be longer than the 4,096 bytes of a line that the terminal itself would put
 * together: cookies are.
 */
export async function hiddenLine(terminal: Terminal): Promise<HiddenLine> {
  const decoder = new TextDecoder();
  let text = '';
  terminal.setRawMode(true);
  try {
    for await (const keys of terminal) {
      const now = typed(text, decoder.decode(keys, { stream: true }));
      if (now.kind !== 'typing') return now;
      text = now.text;
    }
    return { kind: 'end' };
  } finally {
    terminal.setRawMode(false);
  }
}
