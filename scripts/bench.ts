/**
 * Speed and memory of reading, as ratios that hold on a busy machine: `npm run bench -- --size 1g`.
 * Every contender runs in its own process, the rounds are interleaved, medians are compared.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type BenchInput, benchInput } from "./bench/inputs.ts";

interface Run {
  readonly ms: number;
  readonly events: number;
  readonly peakKb: number;
}

/** JSON.parse needs the text in one string, which Node bounds. */
const LONGEST_STRING = 0x1fffffe8;
/** The reference reader is there for comparison, not for patience. */
const REFERENCE_LIMIT = 400e6;

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "300m" },
    rounds: { type: "string", default: "5" },
    reference: { type: "boolean", default: false },
  },
});

const input = await benchInput(values.size, bytesOf(values.size));
const tiny = await benchInput("tiny", 1);
const names = contenders(input.bytes, values.reference);
const runs = runAll(names, input, Number(values.rounds));
report(runs, input);

function contenders(bytes: number, wantsReference: boolean): string[] {
  const names = ["gunzip", "fast"];
  if (bytes < LONGEST_STRING) names.push("json-parse");
  if (wantsReference || bytes < REFERENCE_LIMIT) names.push("reference");
  return names;
}

function runAll(names: readonly string[], input: BenchInput, rounds: number): Map<string, Run[]> {
  const runs = new Map<string, Run[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) runs.get(name)!.push(run(name, input.packed));
    console.error(`round ${round + 1} of ${rounds}`);
  }
  return runs;
}

function run(name: string, path: string): Run {
  const args = ["--max-old-space-size=8192", "scripts/bench/contender.mjs", name, path];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Run;
}

function report(runs: Map<string, Run[]>, input: BenchInput): void {
  const floor = median(runs.get("gunzip")!.map((entry) => entry.ms));
  const fast = runs.get("fast")!;
  const fastMs = median(fast.map((entry) => entry.ms));
  const { events } = fast[0]!;
  console.log(`${input.packed}: ${(input.bytes / 1e6).toFixed(0)} MB unpacked, ${events} events`);
  console.log("reader        median ms   x gunzip   x fast   peak MB");
  for (const [name, entries] of runs) {
    const ms = median(entries.map((entry) => entry.ms));
    const peak = median(entries.map((entry) => entry.peakKb)) / 1024;
    const cells = [ms.toFixed(0), (ms / floor).toFixed(2), (ms / fastMs).toFixed(2)];
    console.log(
      `${name.padEnd(12)} ${cells.map((cell) => cell.padStart(10)).join("")} ${peak.toFixed(0).padStart(8)}`,
    );
  }
  const base = run("fast", tiny.packed);
  const peak = median(fast.map((entry) => entry.peakKb));
  const slope = ((peak - base.peakKb) * 1024) / (events - base.events);
  console.log(
    `memory of the fast reader: ${slope.toFixed(1)} bytes an event (${(slope).toFixed(0)} MB a million)`,
  );
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** "300m", "1g", "64k" or plain bytes. */
function bytesOf(size: string): number {
  const found = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(size);
  if (found === null) throw new Error(`--size ${size}: expected something like 300m or 1g`);
  const unit = { "": 1, k: 1e3, m: 1e6, g: 1e9 }[found[2]!.toLowerCase()] ?? 1;
  return Number(found[1]) * unit;
}
