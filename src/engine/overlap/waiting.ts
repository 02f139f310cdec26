import type { Nanoseconds } from "../../model/trace/units.ts";
import { medianOf } from "../spread.ts";

/** Launches of one collective kernel that took this many times longer than they need to waited. */
const WAITING_TIMES = 4;

/** Fewer launches tell no habit. */
const HABIT = 3;

/** More than this share of the launches are another size, not late. */
const FEW = 0.05;

/** Starting a collective and meeting the other ranks takes some ten microseconds, however few the bytes. */
const MEETING: Nanoseconds = 20_000;

/** The way may lead over a link this many times slower than the machine's own (a network, PCIe): that is no waiting. */
const SLOWER_LINK = 10;

/** How the launches of one collective wait for other ranks. */
export interface Waiting {
  readonly how: "always" | "at times" | "never";
  /** Which launches wait. */
  readonly launches: readonly number[];
  /** What a launch takes that does not wait, as a rule. */
  readonly needsNs: Nanoseconds;
  /** The same of each launch that waits, in their order. */
  readonly needs: readonly Nanoseconds[];
}

/**
 * Whether a collective moves data or waits. A habit of waiting shows only against the time that the
 * bytes of each launch need: launches of one kernel may differ in size. That single launches wait shows by
 * themselves, when they are few and take a multiple of all others.
 *
 * @param durations of its launches
 * @param floors least time by the link's bandwidth per launch, NaN where not known; null without any
 */
export function waitingOf(
  durations: ArrayLike<Nanoseconds>,
  floors: ArrayLike<Nanoseconds> | null,
): Waiting {
  const all = Array.from({ length: durations.length }, (_, at) => at);
  const usual = medianOf(durations);
  const known = all.filter((at) => floors !== null && floors[at]! > 0);
  const needOf = (at: number): Nanoseconds => SLOWER_LINK * floors![at]! + MEETING;
  const waiting = known.filter((at) => durations[at]! >= WAITING_TIMES * needOf(at));
  if (all.length >= HABIT && 2 * known.length >= all.length && 2 * waiting.length >= known.length) {
    const needs = waiting.map(needOf);
    return { how: "always", launches: waiting, needsNs: medianOf(needs), needs };
  }
  const late = all.filter((at) => durations[at]! >= WAITING_TIMES * Math.max(usual, MEETING));
  return late.length === 0 || late.length > FEW * all.length
    ? { how: "never", launches: [], needsNs: usual, needs: [] }
    : { how: "at times", launches: late, needsNs: usual, needs: late.map(() => usual) };
}
