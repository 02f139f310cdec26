/**
 * Speed and memory as ratios that hold on other machines, too: `npm run bench -- --size 1g`. Every
 * contender runs in a process of its own, the rounds are interleaved, medians are compared with each
 * other and with the baseline. docs/performance.md says how to read the figures.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readBaseline, updated, worsened, writeBaseline } from "./bench/baseline.ts";
import { type Figures, figuresOf, middle, peakMb, type Runs } from "./bench/figures.ts";
import { benchInput } from "./bench/inputs.ts";
import { MIXES, type Mix } from "./bench/mixes.ts";
import { type Contender, runRounds } from "./bench/rounds.ts";
import { bundleProgram } from "./bundle-program.ts";

const BASELINE = fileURLToPath(new URL("./bench/baseline.json", import.meta.url));
/** JSON.parse needs the text in one string, which Node bounds. */
const LONGEST_STRING = 0x1fffffe8;
/** What a program takes before it has read anything hides the growth of less. */
const LEAST_FOR_SLOPE = 250e6;
/** The reference reader is there for comparison, not for patience. */
const REFERENCE_LIMIT = 120e6;

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "300m" },
    rounds: { type: "string", default: "5" },
    mix: { type: "string", multiple: true, default: Object.keys(MIXES) },
    /** Rewrites the baseline for what is measured. */
    update: { type: "boolean", default: false },
    /** Ends with 1 when something is worse than the baseline. */
    strict: { type: "boolean", default: false },
  },
});

await bundleProgram(["scripts/bench/contender.ts"], "scripts/bench", ".bench");
let baseline = readBaseline(BASELINE);
const warnings: string[] = [];
for (const mix of values.mix as Mix[]) {
  const input = `${mix} ${values.size}`;
  const figures = await measure(mix, values.size, Number(values.rounds));
  if (baseline[input] === undefined && !values.update) {
    console.log(`no baseline for ${input}; --update writes one`);
  }
  warnings.push(...worsened(input, figures, baseline));
  baseline = updated(baseline, input, figures);
}
if (values.update) writeBaseline(BASELINE, baseline);
for (const warning of warnings) console.log(`WARNING ${warning}`);
if (values.strict && warnings.length > 0) process.exitCode = 1;

async function measure(mix: Mix, size: string, rounds: number): Promise<Figures> {
  const bytes = bytesOf(size);
  const whole = await benchInput(mix, size, bytes);
  const contenders: Record<string, Contender> = {
    gunzip: { name: "gunzip", path: whole.packed },
    read: { name: "read", path: whole.packed },
    command: { name: "command", path: whole.packed },
  };
  if (bytes >= LEAST_FOR_SLOPE) {
    const quarter = await benchInput(mix, `${size}-quarter`, bytes / 4);
    contenders.quarter = { name: "read", path: quarter.packed };
  }
  if (whole.bytes < LONGEST_STRING) {
    contenders["JSON.parse"] = { name: "json-parse", path: whole.packed };
  }
  if (whole.bytes < REFERENCE_LIMIT) {
    contenders.reference = { name: "reference", path: whole.packed };
  }
  const runs: Runs = runRounds(contenders, rounds);
  const figures = figuresOf(runs);
  const events = runs.read![0]!.events;
  console.log(`\n${mix}: ${(whole.bytes / 1e6).toFixed(0)} MB unpacked, ${events} events`);
  console.log(row("", ["wall ms", "CPU ms", "peak MB"]));
  for (const [name, of] of Object.entries(runs)) {
    const cells = [middle(of, "ms").toFixed(0), middle(of, "cpuMs").toFixed(0), `${peakMb(of)}`];
    console.log(row(name, cells));
  }
  console.log(row("", ["now", "baseline"]));
  const before = baseline[`${mix} ${size}`] ?? {};
  for (const [name, value] of Object.entries(figures)) {
    console.log(row(name, [String(value), String(before[name] ?? "")]));
  }
  return figures;
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(24) + cells.map((cell) => cell.padStart(10)).join("");
}

/** "300m", "1g", "64k" or plain bytes. */
function bytesOf(size: string): number {
  const found = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(size);
  if (found === null) throw new Error(`--size ${size}: expected something like 300m or 1g`);
  const unit = { "": 1, k: 1e3, m: 1e6, g: 1e9 }[found[2]!.toLowerCase()] ?? 1;
  return Number(found[1]) * unit;
}
