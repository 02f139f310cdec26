import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Disagreement } from "../judge.ts";
import { ALIVE } from "../promises.ts";
import { caseSeed, Random } from "../random.ts";
import type { Failure, FuzzOptions, FuzzResult } from "../run.ts";
import { RULE_KINDS } from "./rule-sets.ts";
import { type Ending, runHere } from "./run-here.ts";
import { hostileSide, type Reading, SIDE_KINDS, useReport } from "./side-files.ts";

/** Processor time of one command; a file of a megabyte has 40,000 lines to be told of. */
const SLOW_MS = 20_000;
/** What the process may have held at most, all cases together. */
const MOST_BYTES = 3 * 2 ** 29;

/** What a folder of rules is asked: each reads it in another way; over the rules that we bring only where that is another way too, for all of those are linted each time. */
const ASKED: readonly ((rules: string) => Reading)[] = [
  (rules) => ({ program: "rules", command: "lint", args: ["--rules-only", rules] }),
  (rules) => ({
    program: "rules",
    command: "lint",
    args: ["--rules-only", rules, "-f", "github"],
  }),
  (rules) => ({
    program: "rules",
    command: "lint",
    args: ["--rules-only", rules, "-f", "sarif"],
  }),
  (rules) => ({ program: "rules", command: "test", args: ["--rules-only", rules] }),
  (rules) => ({ program: "rules", command: "list", args: ["--rules", rules] }),
  (rules) => ({ program: "rules", command: "fmt", args: ["--rules", rules, "--check"] }),
  (rules) => ({ program: "rules", command: "docs", args: ["--rules", rules, "--check"] }),
  (rules) => ({
    program: "triage",
    command: "triage",
    args: ["examples/vllm-eager", "--rules", rules],
  }),
];

/** What every program documents; 70 is a fault of ours. */
const DOCUMENTED = [0, 1, 2, 3, 4, 5, 6];

/**
 * Hostile rule sets and hostile files beside traces and rules, one kind after the other: every
 * command ends with an exit code that it documents, tells an error in words, prints nothing that a
 * terminal or a page would obey, and takes neither long nor much.
 */
export async function fuzzSides(options: FuzzOptions): Promise<FuzzResult> {
  useReport((await runHere("triage", "triage", ["examples/vllm-eager", "-f", "json"])).out);
  const kinds = [
    ...Object.keys(RULE_KINDS).map((name) => `rules: ${name}`),
    ...SIDE_KINDS.map((name) => `side: ${name}`),
  ].filter((kind) => kind.includes(options.only ?? ""));
  const counts: Record<string, Record<string, number>> = {};
  const failures: Failure[] = [];
  const first = options.from ?? 0;
  for (let index = first; index < first + options.cases; index++) {
    const kind = kinds[index % kinds.length]!;
    const random = new Random(caseSeed(options.seed, index));
    const folder = mkdtempSync(join(tmpdir(), "fuse-triage-side-"));
    counts[kind] ??= {};
    let asked = "";
    try {
      for (const { what, reading } of readings(kind, folder, random)) {
        asked = `${what}: ${reading.program} ${reading.command} ${reading.args.join(" ")}`;
        const code = await judged(reading);
        counts[kind][`exit ${code}`] = (counts[kind][`exit ${code}`] ?? 0) + 1;
      }
    } catch (error) {
      counts[kind].failed = (counts[kind].failed ?? 0) + 1;
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (failures.length < 40) failures.push({ kind, index, message, input: asked });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    options.onProgress?.(index - first + 1);
  }
  return { counts, failures };
}

function readings(
  kind: string,
  folder: string,
  random: Random,
): { readonly what: string; readonly reading: Reading }[] {
  const name = kind.slice(kind.indexOf(" ") + 1);
  if (kind.startsWith("side: ")) return [hostileSide(name, folder, random)];
  RULE_KINDS[name]!(folder, random);
  const first = random.below(ASKED.length);
  return [0, 3, 5].map((step) => ({
    what: name,
    reading: ASKED[(first + step) % ASKED.length]!(folder),
  }));
}

async function judged({ program, command, args }: Reading): Promise<number> {
  const start = process.cpuUsage();
  const before = mostHeld();
  const ending = await runHere(program, command, args);
  const ms = process.cpuUsage(start).user / 1000;
  if (!DOCUMENTED.includes(ending.code))
    throw new Disagreement(`ended with ${ending.code}: ${ending.err.slice(-2_000)}`);
  if (
    ending.code >= 2 &&
    !/\([\w-]+\/[\w-]+\)\n?$|\d+ errors?|error\[|\[error\]/m.test(ending.err + ending.out)
  )
    throw new Disagreement(`ended with ${ending.code} and no word: ${ending.err.slice(0, 500)}`);
  inert(ending);
  if (ms > SLOW_MS) throw new Disagreement(`took ${Math.round(ms)} ms`);
  const bytes = mostHeld();
  // What was held before tells nothing of this one.
  if (bytes > MOST_BYTES && bytes > before)
    throw new Disagreement(`held ${Math.round(bytes / 1e6)} MB`);
  return ending.code;
}

const mostHeld = (): number => process.resourceUsage().maxRSS * 1024;

function inert({ out, err }: Ending): void {
  for (const text of [out, err]) {
    const found = ALIVE.exec(text);
    if (found === null) continue;
    const around = text.slice(Math.max(0, found.index - 80), found.index + 20);
    throw new Disagreement(
      `prints U+${found[0].codePointAt(0)!.toString(16)}: ${JSON.stringify(around)}`,
    );
  }
}
