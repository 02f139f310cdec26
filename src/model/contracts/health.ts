import type { Microseconds, Nanoseconds } from "../trace/units.ts";

/** What may be wrong with a recording, worst first. */
export const HEALTH_KINDS = [
  "merged-ranks",
  "impossible-duration",
  "stray-time",
  "stray-host",
  "no-time",
  "launches-without-records",
  "records-without-launches",
  "repeated-events",
  "repeated-ids",
  "gpu-before-launch",
  "host-clocks-disagree",
  "side-by-side",
] as const;
type HealthKind = (typeof HEALTH_KINDS)[number];

/** One thing that is wrong with a trace, what was done about it, and what to do. */
export interface HealthFinding {
  readonly kind: HealthKind;
  /** Events concerned. */
  readonly count: number;
  /** GPU time concerned, as recorded; 0 where it is not about time. */
  readonly us: Microseconds;
  /** Where in the trace, in words. */
  readonly where: string;
  /** What it means for the report and how to avoid it. */
  readonly remedy: string;
}

/** Whether a report's figures may be believed. */
export interface Health {
  readonly findings: readonly HealthFinding[];
  /** False where a finding touches figures that could not be repaired. */
  readonly trusted: boolean;
}

/** What the checks of one trace found, and what the stages behind them must not conclude. */
export interface TraceHealth extends Health {
  /** Idle time says nothing about the host: records are missing or clocks disagree. */
  readonly hostUnknown: boolean;
  /** Launches whose GPU work was not recorded, by ascending start. */
  readonly unrecorded: readonly Nanoseconds[];
}

export const SOUND: TraceHealth = {
  findings: [],
  trusted: true,
  hostUnknown: false,
  unrecorded: [],
};

/** What each kind is called. */
const TITLE: Readonly<Record<HealthKind, string>> = {
  "merged-ranks": "ranks merged in one file",
  "impossible-duration": "GPU events with an impossible duration",
  "stray-time": "GPU events whose time contradicts the rest of the recording",
  "stray-host": "host events far from the rest of the recording",
  "no-time": "GPU events recorded without a time",
  "launches-without-records": "launches without a record of what they ran",
  "records-without-launches": "kernels without a recorded launch",
  "repeated-events": "GPU events recorded twice (duplicates)",
  "repeated-ids": "correlation ids that several launches bear",
  "gpu-before-launch": "GPU events that start before their launch",
  "host-clocks-disagree": "runtime calls whose clock disagrees with the ops'",
  "side-by-side": "kernels recorded side by side on one stream",
};

/** "GPU events recorded twice (duplicates): 40". */
export function healthTitle({ kind, count }: HealthFinding): string {
  return `${TITLE[kind]}: ${count}`;
}

/** One finding in words: what, how many, where, and what it means. */
export function healthInWords(finding: HealthFinding): string {
  return `${healthTitle(finding)} (${finding.where}); ${finding.remedy}`;
}
