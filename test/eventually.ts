/** Waits for what another part of the system does in its own time; the test's time limit ends a wait for nothing. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
}
