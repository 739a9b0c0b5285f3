/** Sentences that repeat what somebody wrote stay as long as a sentence is. */

/** Characters of a line of an error, above what paths and addresses have. */
const longestLine = 1000;

/** The text where it is short enough; else its beginning and its end, with the number of what is left out between them. */
export function shortened(text: string, most = longestLine): string {
  if (text.length <= most) return text;
  const [head, tail] = [Math.floor(most * 0.6), Math.floor(most * 0.3)];
  const left = text.length - head - tail;
  return `${text.slice(0, head)}… (${left} characters left out) …${text.slice(-tail)}`.toWellFormed();
}

/** The same for each of its lines: a list of problems is as long as they are many. */
export function withShortLines(text: string, most = longestLine): string {
  return text.length <= most
    ? text
    : text
        .split('\n')
        .map((line) => shortened(line, most))
        .join('\n');
}
