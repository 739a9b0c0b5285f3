/** A directory of account files, and what renews their tokens: the product's own, over a server of the test. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccountStore, createAccountStore } from '../../src/accounts/account-store.ts';
import { createEncryption } from '../../src/accounts/encryption.ts';
import type { RefreshOptions } from '../../src/accounts/refresh.ts';
import { isObject, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { accountProviders } from '../../src/providers/registry.ts';

export interface AccountFolder extends Disposable {
  path: string;
  /** Absolute path of an account's file. */
  file(name: string): string;
  write(name: string, content: JsonObject): void;
  read(name: string): JsonObject;
}

export function accountFolder(): AccountFolder {
  const path = mkdtempSync(join(tmpdir(), 'accounts-'));
  const file = (name: string) => join(path, `${name}.json`);
  return {
    path,
    file,
    write: (name, content) => writeFileSync(file(name), JSON.stringify(content)),
    read(name) {
      const content = parseJson(readFileSync(file(name), 'utf8'));
      if (!isObject(content)) throw new Error(`${name} is no object`);
      return content;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The store of a directory, whose waits for a lock are short: the tests have more to do. */
export function storeOf(directory: string, now: () => number = Date.now): AccountStore {
  return createAccountStore({ directory, encryption: createEncryption({ key: undefined }), now });
}

/** What refreshing Claude accounts needs, with the token endpoint at `tokenUrl`. Problems become errors: none is expected. */
export function refreshing(tokenUrl: string, now: () => number = Date.now): Omit<RefreshOptions, 'store'> {
  const { claude } = accountProviders;
  const { oauth } = claude;
  const provider = { ...claude, oauth: oauth && { ...oauth, tokenUrl } };
  return {
    providerOf: () => provider,
    depsOf: () => ({
      fetch: (url, init) => fetch(url, init),
      userAgent: 'cli-proxy-api/test',
      now,
      wait: () => Promise.resolve(),
    }),
    warn: (message) => {
      throw new Error(message);
    },
  };
}
