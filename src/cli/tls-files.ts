import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { reasonOf } from '../ground/reason.ts';
import { Failure } from './failure.ts';

/** Throws a {@link Failure} that names the setting where the certificate or its key is missing, broken or another's. */
export function checkTlsFiles({ enable, cert, key }: Config['tls']): void {
  if (!enable || cert === undefined || key === undefined) return;
  const certificate = parsed('tls.cert', 'a certificate', cert, (pem) => new X509Certificate(pem));
  const privateKey = parsed('tls.key', 'a private key without a passphrase', key, createPrivateKey);
  if (!certificate.checkPrivateKey(privateKey))
    throw new Failure('config', `tls.key: ${key} does not belong to the certificate in ${cert}`);
}

function parsed<T>(setting: string, what: string, file: string, parse: (pem: string) => T): T {
  let pem: string;
  try {
    // A pipe would keep the start waiting for its writer.
    if (!statSync(file).isFile()) throw new Error(`${file} is no regular file`);
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('config', `${setting}: the file cannot be read: ${reasonOf(error)}`);
  }
  try {
    return parse(pem);
  } catch (error) {
    const example = `openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost -out cert.pem -keyout key.pem`;
    throw new Failure(
      'config',
      `${setting}: ${file} does not hold ${what} in PEM form (${reasonOf(error)})`,
      `For testing, this creates both files: ${example}`,
    );
  }
}
