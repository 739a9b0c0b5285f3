/** Why a gateway does not start: it cannot listen at `metrics.listen`. `cause` is what `Bun.serve` threw. */
export class MetricsUnlistenable extends Error {
  override readonly name = 'MetricsUnlistenable';
  constructor(
    readonly address: { host: string; port: number },
    override readonly cause: unknown,
  ) {
    super(`metrics.listen: ${address.host}:${address.port} cannot be listened on: ${String(cause)}`);
  }
}
