/** Account files encrypted at rest: AES-256-GCM in a JWE (RFC 7516, `dir`), under a key derived from a text. */

export interface Encryption {
  /** Whether `seal` encrypts. */
  encrypts: boolean;
  /** The content of the file for a text: encrypted when there is a key, else the text itself. */
  seal(text: string): Promise<string>;
  /** The text in a file's content; plain content is its own text. `current` is false when `seal` would now do otherwise. */
  open(content: string): Promise<Opened>;
}

export type Opened = { ok: true; text: string; current: boolean } | { ok: false; message: string };

export interface EncryptionKeys {
  /** What files are written with; undefined writes plain text. */
  key: string | undefined;
  /** Further keys that files may still be encrypted with: the old one while the key is changed, or the key while decrypting. */
  oldKeys?: readonly string[];
}

export declare function createEncryption(keys: EncryptionKeys): Encryption;

export type EncryptionKey = { ok: true; key: string } | { ok: false; message: string };

/** What reading a key may use; tests give their own. */
export interface KeySources {
  readFile: (path: string) => Promise<string>;
  /** Output of a program, without the line break at its end; throws when it fails. */
  run: (command: readonly string[]) => Promise<string>;
  platform: string;
}

/** The key that the setting names: `file:<path>`, `keychain:` or `keychain:<name>` of the operating system, else the text itself. */
export declare function readEncryptionKey(setting: string, sources?: KeySources): Promise<EncryptionKey>;
