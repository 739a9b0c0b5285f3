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
    const more = details === undefined ? '' : `\n.Bd -literal\n${lines(details.trim())}\n.Ed`;
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
