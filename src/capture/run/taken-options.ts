import type { CaptureOptions } from "../capture-options.ts";
import type { ServerDriver, Untaken } from "../server-driver.ts";

/**
 * The options as the server can take them, and in words what it cannot: nothing that was asked for
 * is dropped silently.
 */
export function takenBy(
  driver: ServerDriver,
  options: CaptureOptions,
): { readonly options: CaptureOptions; readonly notes: readonly string[] } {
  const { untaken } = driver;
  const isLegacy = options.workload.kind === "legacy";
  const separate = options.profileByStage && !isLegacy;
  const wishes: Record<keyof Untaken, boolean> = {
    byStage: options.profileByStage,
    prefix: options.profilePrefix !== null,
    noStacks: !options.withStack,
    shapes: options.recordShapes,
    noShapes: !options.recordShapes,
    // Everybody has a number of steps in mind, given or not.
    steps: true,
  };
  const notes = Object.entries(untaken).flatMap(([wish, words]) =>
    wishes[wish as keyof Untaken] ? [words] : [],
  );
  if (separate && untaken.byStage === undefined) notes.unshift(SEPARATE);
  return {
    notes,
    options: {
      ...options,
      profileByStage:
        isLegacy &&
        untaken.byStage === undefined &&
        (options.profileByStage || options.sglangProfileV2),
      profilePrefix: untaken.prefix === undefined ? options.profilePrefix : null,
    },
  };
}

const SEPARATE =
  "--profile-by-stage is left out: each stage has a session and a file of its own here; with --workload legacy it is taken.";
