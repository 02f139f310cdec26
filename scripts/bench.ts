/**
 * Speed and memory of reading, as ratios that hold on a busy machine: `npm run bench -- --size 1g`.
 * Every contender runs in its own process, the rounds are interleaved, medians are compared.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type BenchInput, benchInput } from "./bench/inputs.ts";

interface Run {
  readonly ms: number;
  /** Time of all threads, start-up of Node included: what counts on a busy machine. */
  readonly cpuMs: number;
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

const bytes = bytesOf(values.size);
const input = await benchInput(values.size, bytes);
const quarter = await benchInput(`${values.size}-quarter`, bytes / 4);
const names = contenders(input.bytes, values.reference);
report(runAll(names, input, Number(values.rounds)), input, quarter);

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

function report(runs: Map<string, Run[]>, input: BenchInput, quarter: BenchInput): void {
  const wall = (name: string): number => median(runs.get(name)!.map((entry) => entry.ms));
  const cpu = (name: string): number => median(runs.get(name)!.map((entry) => entry.cpuMs));
  const peak = (name: string): number => median(runs.get(name)!.map((entry) => entry.peakKb));
  const { events } = runs.get("fast")![0]!;
  console.log(`${input.packed}: ${(input.bytes / 1e6).toFixed(0)} MB unpacked, ${events} events`);
  console.log(row("", ["wall ms", "x gunzip", "x fast", "cpu ms", "x gunzip", "peak MB"]));
  for (const name of runs.keys()) {
    const ratios = [wall(name) / wall("gunzip"), wall(name) / wall("fast")];
    const cells = [
      wall(name).toFixed(0),
      ...ratios.map((ratio) => ratio.toFixed(2)),
      cpu(name).toFixed(0),
      (cpu(name) / cpu("gunzip")).toFixed(2),
      (peak(name) / 1024).toFixed(0),
    ];
    console.log(row(name, cells));
  }
  const less = run("fast", quarter.packed);
  const slope = ((peak("fast") - less.peakKb) * 1024) / (events - less.events);
  console.log(`memory of the fast reader beyond a quarter: ${slope.toFixed(1)} bytes an event`);
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(12) + cells.map((cell) => cell.padStart(10)).join("");
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
