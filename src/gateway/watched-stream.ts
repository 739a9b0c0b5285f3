/** An answer that goes on as it comes while somebody looks on. */
/** A piece, or the end. */
type PieceRead = { done: false; value: Uint8Array } | { done: true; value?: Uint8Array | undefined };

export interface StreamWatcher {
  piece(bytes: Uint8Array): void;
  /** One of these comes, once: all has been read, reading has failed, or its reader is gone. */
  ended(): void;
  broke(error: unknown): void;
  left(): void;
}

export function watchedStream(
  reader: { read(): Promise<PieceRead>; cancel(reason?: unknown): Promise<void> },
  watcher: StreamWatcher,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            watcher.piece(value);
            controller.enqueue(value);
            return;
          }
        } catch (error) {
          watcher.broke(error);
          throw error;
        }
        watcher.ended();
        controller.close();
      },
      cancel(reason) {
        watcher.left();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
