/**
 * Signatures and encrypted reasoning of the sandbox: opaque to clients, checkable without any memory of them,
 * so that a conversation can go on at another sandbox or after a restart.
 */

export type SealKind = 'thinking' | 'redacted' | 'reasoning' | 'call' | 'text';

const key = 'sandbox-seal-1';

function mark(kind: SealKind, content: string): string {
  return Bun.hash(`${key}|${kind}|${content}`).toString(36);
}

/** A base64 token that holds `content` (or its hash, where it is long) and shows any change to itself. */
export function seal(kind: SealKind, content: string): string {
  return Buffer.from(`${kind}|${content}|${mark(kind, content)}`).toString('base64');
}

/** What was sealed; undefined when the token is not one of ours, was changed, or is of another kind. */
export function unseal(kind: SealKind, token: string): string | undefined {
  const opened = Buffer.from(token, 'base64').toString('utf8');
  const from = opened.indexOf('|');
  const to = opened.lastIndexOf('|');
  if (from < 0 || to <= from || opened.slice(0, from) !== kind) return undefined;
  const content = opened.slice(from + 1, to);
  return opened.slice(to + 1) === mark(kind, content) && seal(kind, content) === token ? content : undefined;
}

/** A short name for long content, to be sealed in its place. */
export function digest(content: string): string {
  return Bun.hash(content).toString(36);
}
