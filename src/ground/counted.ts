/** `2 keys`, `1 entry`: a number of things, for a sentence. `several`: their word where an s does not make it. */
export function counted(count: number, noun: string, several = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : several}`;
}
