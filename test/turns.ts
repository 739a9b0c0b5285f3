/** How much is done between two turns of the event loop at most: `done` is called for each piece of work. No clock is looked at. */
export async function mostBetweenTurns(work: (done: () => void) => Promise<unknown>): Promise<number> {
  let [since, most, over] = [0, 0, false];
  const turn = () => {
    since = 0;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await work(() => {
    since += 1;
    most = Math.max(most, since);
  });
  over = true;
  return most;
}
