/** The place in a list that a query names, from 0; undefined where it names none: an empty text is not the first place. */
export function placeGiven(index: string | undefined): number | undefined {
  return index !== undefined && /^\d{1,9}$/.test(index) ? Number(index) : undefined;
}
