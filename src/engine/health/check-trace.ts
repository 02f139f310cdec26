import type { HealthFinding, TraceHealth } from "../../model/contracts/health.ts";
import { HEALTH_KINDS } from "../../model/contracts/health.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { matchLaunches } from "../attribution/launches.ts";
import type { Checked } from "./checked.ts";
import { clipDurations } from "./clip-durations.ts";
import { gpuBeforeLaunch } from "./gpu-before-launch.ts";
import { alignHostClock } from "./host-clock.ts";
import { withoutDuration } from "./no-duration.ts";
import { withoutRepeats } from "./repeats.ts";
import { serialStreams } from "./serial-streams.ts";
import { toldProcesses } from "./shared-lanes.ts";
import { withoutStrayHost } from "./stray-host.ts";
import { repairTimes } from "./stray-times.ts";
import { unrecordedWork } from "./unrecorded.ts";

/** Kinds whose figures are repaired, so that the others may still be believed. */
const REPAIRED: ReadonlySet<string> = new Set([
  "impossible-duration",
  "stray-time",
  "stray-host",
  "no-time",
  "repeated-events",
  "host-clocks-disagree",
  "side-by-side",
]);

/** Kernels before their launch, of all: with fewer the clocks agree nearly everywhere. */
const CLOCKS_AGREE = 0.05;

/**
 * Checks a trace before anything is concluded from it. What contradicts itself is set aside or
 * repaired where the rest of the recording tells how, and every such thing is a finding.
 *
 * @returns the trace as it should be read, with what was found in `health`.
 */
export function checkTrace(read: Trace): Trace {
  const findings: HealthFinding[] = [];
  let trace = read;
  const apply = (checked: Checked): void => {
    trace = checked.trace;
    findings.push(...checked.findings);
  };
  apply(withoutRepeats(trace));
  apply(withoutStrayHost(trace));
  apply(toldProcesses(trace));
  apply(alignHostClock(trace, matchLaunches(trace)));
  let launchOf = matchLaunches(trace);
  const timed = repairTimes(trace, launchOf);
  apply(timed);
  if (timed.findings.length > 0) launchOf = matchLaunches(trace);
  findings.push(...withoutDuration(trace));
  apply(clipDurations(trace, timed.moved));
  apply(serialStreams(trace, launchOf));
  findings.push(...gpuBeforeLaunch(trace, launchOf));
  const { unrecorded, findings: missing } = unrecordedWork(trace, launchOf);
  findings.push(...missing);
  findings.sort((a, b) => HEALTH_KINDS.indexOf(a.kind) - HEALTH_KINDS.indexOf(b.kind));
  const health: TraceHealth = {
    findings,
    trusted: findings.every(({ kind }) => REPAIRED.has(kind)),
    hostUnknown: findings.some(
      ({ kind, count }) =>
        kind === "merged-ranks" ||
        (kind === "gpu-before-launch" && count > trace.gpu.count * CLOCKS_AGREE),
    ),
    unrecorded,
  };
  return { ...trace, health };
}
