/** What has become of each key of a config, as one table and as data. */
import type { KeyNote } from '../config/key-notes.ts';
import type { Output } from './shell.ts';

/** Keys that are no other's spelling and are used need no line of their own. */
export function keyTable(keys: readonly KeyNote[], { style }: Output): string {
  const taken = keys.filter(({ state }) => state === 'taken');
  const rows = keys.flatMap((note) =>
    note.state === 'taken' ? [] : [{ key: note.key, line: String(note.line), ...outcomeOf(note) }],
  );
  const summary = `${taken.length} ${taken.length === 1 ? 'key' : 'keys'} taken`;
  if (rows.length === 0) return taken.length === 0 ? '' : `${summary}.\n`;
  const named = taken.map(({ key }) => key).join(', ');
  const all = [{ key: 'KEY', line: 'LINE', state: '', words: 'WHAT BECOMES OF IT' }, ...rows];
  const width = (column: 'key' | 'line' | 'state'): number =>
    Math.max(...all.map((row) => row[column].length));
  const lines = all.map((row, index) => {
    const state = row.state.padEnd(width('state'));
    const shown = row.state === 'ignored' ? style('yellow', state) : style('cyan', state);
    const what = index === 0 ? row.words : `${shown}  ${row.words}`;
    return `  ${row.line.padStart(width('line'))}  ${row.key.padEnd(width('key'))}  ${what}`;
  });
  const first = taken.length === 0 ? '' : `${summary}: ${named}\n`;
  return `${first}${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function outcomeOf(note: Exclude<KeyNote, { state: 'taken' }>): { state: string; words: string } {
  switch (note.state) {
    case 'translated':
      return { state: 'read as', words: note.as };
    case 'ignored':
      return { state: 'ignored', words: note.reason };
  }
}

/** The same for `--json`. */
export function listedKey(note: KeyNote): object {
  const { state, key, line } = note;
  switch (note.state) {
    case 'taken':
      return { state, key, line };
    case 'translated':
      return { state, key, line, as: note.as };
    case 'ignored':
      return { state, key, line, reason: note.reason };
  }
}
