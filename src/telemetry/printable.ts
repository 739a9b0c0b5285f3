/** Text from outside on its way to a terminal: there, some characters are commands. */

/**
 * The controls of ASCII and of ISO 8859-1 (`\x9b` begins a command, too), the line breaks of Unicode, and the marks that turn
 * the direction of what follows.
 */
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** What a line of ours may hold besides: its end, colours, and the erasing of a line that is written anew. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const ownControls = /\u001b\[(?:[\d;]*m|2K)|[\n\t\r]/y;

/** The text on one line, with each control character written out as `\x1b`. */
export function printable(text: string): string {
  return text.replace(controls, written);
}

/** A text of ours that may hold some from outside: colours, tabs and line breaks stay, all other controls are written out. */
export function printableLines(text: string): string {
  return text.replace(controls, (control, at: number) => {
    ownControls.lastIndex = at;
    return ownControls.test(text) ? control : written(control);
  });
}

/** JSON with the controls that its strings may hold as they are written as escapes of JSON. */
export function printableJson(json: string): string {
  return rawInJson.test(json) ? json.replace(rawInJsonAll, escaped) : json;
}

const rawInJson = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const rawInJsonAll = new RegExp(rawInJson, 'g');

function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function written(control: string): string {
  const code = control.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}
