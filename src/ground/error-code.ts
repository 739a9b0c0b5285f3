/** The code of a system error (`ENOENT`, `EADDRINUSE`); undefined for an error without one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return code === undefined || code === null ? undefined : String(code);
}
