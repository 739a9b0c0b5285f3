/** How many tokens a request will come to, before a provider has counted them: cheap guesses over its bytes. */

/** Bytes of JSON text that make a token, on average, in English prose and code. */
const bytesPerToken = 4;
/** Tokens of an image or another file: the most that Claude counts for an image (docs.claude.com, Vision). */
const mediaTokens = 1600;
/** Longer strings in the places of base64 are files. */
const longestText = 1024;
/** Tokens of an answer whose largest size the client does not say. */
export const usualAnswer = 4096;

/** Where protocols put base64: data URLs, and members called `data`. */
const mediaMarks = [Buffer.from(';base64,'), Buffer.from('"data"')];
const quote = 0x22;

/** Tokens of a JSON body, files in it counted as such. */
export function inputTokens(body: Uint8Array): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let text = bytes.length;
  let files = 0;
  for (const mark of mediaMarks) {
    for (let at = bytes.indexOf(mark); at >= 0; ) {
      let start = at + mark.length;
      if (mark[0] === quote) {
        while (isSpaceOrColon(bytes[start])) start += 1;
        start += 1;
      }
      const end = bytes.indexOf(quote, start);
      if (end - start > longestText) {
        text -= end - start;
        files += 1;
      }
      at = bytes.indexOf(mark, Math.max(end, start));
    }
  }
  return Math.ceil(text / bytesPerToken) + files * mediaTokens;
}

function isSpaceOrColon(byte: number | undefined): boolean {
  return byte === 0x3a || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** What each protocol calls the largest size of an answer. Quotes inside of texts are escaped, so texts do not look like it. */
const sizeNames = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'maxOutputTokens'].map(
  (name) => Buffer.from(`"${name}"`),
);

/** The largest answer that a JSON body asks for, in tokens; undefined where it does not say. */
export function wantedAnswer(body: Uint8Array): number | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (const name of sizeNames) {
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) {
      const behind = bytes.toString('latin1', at + name.length, at + name.length + 32);
      const [, digits] = /^\s*:\s*(\d+)/.exec(behind) ?? [];
      if (digits !== undefined) return Number(digits);
    }
  }
  return undefined;
}

/** Tokens of a text that was answered and not counted by its provider. */
export function outputTokens(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}
