/** A file of a whole request, as `request-log` writes it, in its parts. */
export interface RequestLogPart {
  kind: 'info' | 'headers' | 'body' | 'sent' | 'came' | 'answer';
  /** Of what was sent to providers and came back: which in turn. */
  number: number | undefined;
  text: string;
}

const heads: Readonly<Record<string, RequestLogPart['kind']>> = {
  'REQUEST INFO': 'info',
  HEADERS: 'headers',
  'REQUEST BODY': 'body',
  'API REQUEST': 'sent',
  'API RESPONSE': 'came',
  RESPONSE: 'answer',
};
/** Lines end with a line feed alone: `^` matches after a U+2028 as well, and bodies have that as it is. */
const head =
  /(?<![^\n])=== (REQUEST INFO|HEADERS|REQUEST BODY|API REQUEST|API RESPONSE|RESPONSE)(?: (\d+))? ===(?![^\n])/;

/** Empty for a text that is no such file. */
export function requestLogParts(text: string): RequestLogPart[] {
  if (!text.startsWith('=== REQUEST INFO ===')) return [];
  const parts: RequestLogPart[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = head.exec(rest);
    if (found === null) break;
    const [line, name = '', number] = found;
    const behind = rest.slice(found.index + line.length);
    const end = head.exec(behind)?.index ?? behind.length;
    parts.push({
      kind: heads[name] ?? 'info',
      number: number === undefined ? undefined : Number(number),
      text: spread(behind.slice(0, end).trim()),
    });
    rest = behind.slice(end);
  }
  return parts;
}

/** JSON on several lines; what else there is stays. */
function spread(text: string): string {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
