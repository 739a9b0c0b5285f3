/** Lines for a terminal: a shell gives curl what was meant, whatever stands in it. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { curlLine } from '../../console/curl-line.ts';

/** What a program called curl gets as its arguments. */
function argumentsOf(line: string): string[] {
  const { stdout } = Bun.spawnSync(['sh', '-c', `curl() { printf '%s\\0' "$@"; }\n${line}`]);
  return stdout.toString().split('\0').slice(0, -1);
}

const url = 'http://127.0.0.1:8317/v1/chat/completions';

test('any body and header gets to curl as it is', () => {
  const text = fc.stringMatching(/^[^\0\r\ud800-\udfff]*$/);
  fc.assert(
    fc.property(text, text, fc.boolean(), (body, value, streams) => {
      const line = curlLine({ url, headers: { 'x-note': value }, body, streams });
      expect(argumentsOf(line)).toEqual([
        ...(streams ? ['-N'] : []),
        ...[url, '-H', 'authorization: Bearer YOUR_CLIENT_KEY', '-H', 'content-type: application/json'],
        ...['-H', `x-note: ${value}`, '--data-raw', body],
      ]);
    }),
    { numRuns: 40 },
  );
});
