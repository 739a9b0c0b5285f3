import { createPrivateKey, type KeyObject } from 'node:crypto';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of a terminal begin with ESC.
const terminalEscapes = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;
const pem = /-----BEGIN ((?:RSA )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;

/**
 * The RSA key in PEM text, PKCS#8 or PKCS#1, whatever copying did to it: CRLF, `\n` written out, all on one line, a
 * terminal's colours. Undefined for anything else.
 */
export function readPrivateKey(text: string): KeyObject | undefined {
  const plain = text.replace(terminalEscapes, '').replace(/\\[rn]/g, '\n');
  const [, label, body] = pem.exec(plain) ?? [];
  if (label === undefined || body === undefined) return undefined;
  try {
    const key = createPrivateKey({
      key: Buffer.from(body.replace(/\s/g, ''), 'base64'),
      format: 'der',
      type: label === 'PRIVATE KEY' ? 'pkcs8' : 'pkcs1',
    });
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    // OpenSSL's message about a damaged key names only its parser.
    return undefined;
  }
}
