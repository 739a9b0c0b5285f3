const mark = '...';

/** The beginning and the end of a text, in at most so many characters: both of a long name say what it is. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const room = Math.max(0, longest - mark.length);
  const end = Math.floor(room / 3);
  const beginning = text.slice(0, room - end);
  return `${beginning}${mark}${end === 0 ? '' : text.slice(-end)}`.toWellFormed();
}
