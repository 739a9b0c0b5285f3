/** Files of JSON lines, imported as the text that they are. */
declare module '*.jsonl' {
  const text: string;
  export default text;
}
