/** Waits for what another part of the system does in its own time; the test's time limit ends a wait for nothing. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
