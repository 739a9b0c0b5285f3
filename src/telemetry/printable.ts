/** Text from outside as a terminal may show it: control characters would move its cursor, clear it or write its title. */

/** C0 and C1 controls, and the marks that change the direction of the text after them (Unicode TR 36 §2.1). */
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
/** What our own output is made of: lines, tabs, colours, and the line that a countdown writes anew. */
const ownOrControl = /[^\P{Cc}\n\t]\[[0-9;]*m|\r\n|\r\p{Cc}\[2K|[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
const own = ['\n', '\t', '\r\n'];

/** A text of one line with each control character written as in JSON: `\u001b`. */
export function printable(text: string): string {
  return text.replace(controls, escaped);
}

/** What JSON leaves as it is in its strings. */
const leftByJson = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Whether a text holds nothing that JSON would leave as it is in its strings and a terminal would follow. */
export function isPrintable(text: string): boolean {
  return text === '' || !leftByJson.test(text);
}

/** A line of JSON with the control characters of its strings written as escapes: the same value. */
export function printableJson(json: string): string {
  return leftByJson.test(json) ? json.replace(new RegExp(leftByJson, 'g'), escaped) : json;
}

/** What a command writes: lines and colours stay, other control characters are written as in JSON. */
export function printableOutput(text: string): string {
  return text.replace(ownOrControl, (found) =>
    own.includes(found) || found.includes('\x1b[') ? found : `${escaped(found)}${found.slice(1)}`,
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
