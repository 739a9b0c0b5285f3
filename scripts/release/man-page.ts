/** The manual page, made of the tables of the commands. Source of the macros: mdoc(7). */
import type { Command } from '../../src/cli/command.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';

/** The page for section 1 of the manual. */
export function manPage(commands: readonly Command[]): string {
  const sections = commands.map(({ name, summary, options, words, details }) => {
    const rows = Object.entries(options).map(([long, option]) => {
      const short = option.short === undefined ? '' : `Fl ${option.short} , `;
      const value = option.type === 'string' ? ` Ar ${plain(option.value ?? 'VALUE')}` : '';
      return `.It ${short}Fl -${long}${value}\n${line(option.meaning)}.`;
    });
    const list = rows.length === 0 ? '' : `\n.Bl -tag -width Ds\n${rows.join('\n')}\n.El`;
    const more = details === undefined ? '' : `\n${paragraphs(details.trim())}`;
    return `.Ss ${plain([name, words?.shown].filter(Boolean).join(' '))}\n${line(summary)}.${list}${more}`;
  });
  const codes = Object.values(exitCodes).map(
    ({ code, meaning }) => `.It ${code}\n${line(plainText(meaning))}.`,
  );
  return `.Dd $Mdocdate$
.Dt CLI-PROXY-API 1
.Os
.Sh NAME
.Nm cli-proxy-api
.Nd every AI credential you own behind one endpoint
.Sh SYNOPSIS
.Nm
.Op Ar command
.Op Ar options
.Sh DESCRIPTION
Without a command it serves.
.Sh COMMANDS
${sections.join('\n')}
.Sh EXIT STATUS
.Bl -tag -width Ds
${codes.join('\n')}
.El
`;
}

/** A word of a macro's line: what is a macro's name elsewhere stays text. */
function plain(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll(/\b([A-Z][a-z])\b/g, '\\&$1');
}

/** Columns up to which the tables surely go on with a line. */
const tableWidth = 110;

/**
 * What the tables say, filled to the width of the reader's terminal. Indented lines stay as they are, and so does the end of a line
 * that was meant: where the next word would have had room.
 */
function paragraphs(text: string): string {
  const isIndented = (row: string | undefined) => row?.startsWith(' ') === true;
  const rows = text.split('\n');
  const out: string[] = [];
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (isIndented(row)) {
      if (!isIndented(before)) out.push('.Bd -literal');
      out.push(lines(row));
      if (!isIndented(rows[index + 1])) out.push('.Ed');
    } else if (row !== '') {
      const [word = ''] = row.split(' ', 1);
      if (before === undefined || before === '' || isIndented(before)) out.push('.Pp');
      else if (before.length + word.length < tableWidth) out.push('.br');
      out.push(lines(row));
    }
  }
  return out.join('\n');
}

/** Text that no roff reads as a request. */
function line(text: string): string {
  return lines(text).replaceAll('\n', ' ');
}

function lines(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');
}

function plainText(markdown: string): string {
  return markdown.replaceAll('`', '');
}
