/**
 * How matching grows: 300 rules over synthetic stages of 10^5, 10^6 and 10^7 GPU events. Each size
 * runs in a process of its own, so that peak memory is its own too. Numbers per event should stay
 * level from one size to the next.
 *
 * npm run bench:match [-- EVENTS…]
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runRules } from "../../src/engine/match/run-rules.ts";
import { syntheticGraph, syntheticRules } from "./synthetic-matching.ts";

const SIZES = [100_000, 1_000_000, 10_000_000];

interface Measured {
  readonly events: number;
  readonly occurrences: number;
  readonly found: number;
  readonly ms: number;
  /** Processor time of all threads, which other work on the machine does not stretch as much. */
  readonly cpuMs: number;
  /** Peak before matching (the trace's own columns) and after it. */
  readonly beforeMb: number;
  readonly peakMb: number;
}

function measure(events: number): Measured {
  const ruleSet = syntheticRules(300);
  const graph = syntheticGraph(ruleSet, events);
  const beforeMb = process.resourceUsage().maxRSS / 1024;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const { outcomes, failures } = runRules(ruleSet, graph, []);
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  if (failures.length > 0) throw new Error(JSON.stringify(failures[0]));
  return {
    events,
    occurrences: outcomes.reduce((sum, { occurrences }) => sum + occurrences.length, 0),
    found: outcomes.filter(({ underlying }) => underlying !== "absent").length,
    ms,
    cpuMs: (user + system) / 1000,
    beforeMb,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

function measureApart(events: number): Measured {
  const script = fileURLToPath(import.meta.url);
  const run = spawnSync(
    process.execPath,
    [...process.execArgv, "--max-old-space-size=16384", script, "--only", String(events)],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  if (run.status !== 0) throw new Error(`measuring ${events} events ended with ${run.status}`);
  return JSON.parse(run.stdout) as Measured;
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--only") {
  process.stdout.write(JSON.stringify(measure(Number(rest[0]))));
} else {
  const sizes = first === undefined ? SIZES : [first, ...rest].map(Number);
  console.log(
    "    events  occurrences  rules with any      match        CPU  CPU/event  memory added  /event",
  );
  for (const size of sizes) {
    const { events, occurrences, found, ms, cpuMs, beforeMb, peakMb } = measureApart(size);
    const added = peakMb - beforeMb;
    console.log(
      [
        String(events).padStart(10),
        String(occurrences).padStart(13),
        String(found).padStart(16),
        `${ms.toFixed(0)} ms`.padStart(11),
        `${cpuMs.toFixed(0)} ms`.padStart(11),
        `${((cpuMs * 1e6) / events).toFixed(0)} ns`.padStart(11),
        `${added.toFixed(0)} MB`.padStart(14),
        `${((added * 1024 * 1024) / events).toFixed(0)} B`.padStart(9),
      ].join(""),
    );
  }
}
