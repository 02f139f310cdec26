/**
 * Lets the process end as soon as nothing is left to do or to write. Left alone, Node first takes
 * its heap apart, piece by piece: 10 ms after a small report, and more after a large one.
 */
export function endAtOnce(): void {
  process.once("beforeExit", () => process.exit());
}
