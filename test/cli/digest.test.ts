import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");
const RULES = ["--rules", "rules"];
const EXAMPLE = "examples/sglang-tp2-decode";
const RANKS = readdirSync(EXAMPLE)
  .filter((name) => name.endsWith(".json.gz"))
  .sort()
  .map((name) => join(EXAMPLE, name));

/** The digest's path. */
function digestOf(trace: string, folder: string, ...more: string[]): string {
  const path = join(folder, `${basename(trace)}.digest.parquet`);
  const { code, err } = runCommand(TRIAGE, ["digest", trace, ...RULES, "-o", path, ...more]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return path;
}

function printed(...args: string[]): string {
  const { code, out, err } = runCommand(TRIAGE, [...args, ...RULES]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
}

const examples = readdirSync("examples", { recursive: true, encoding: "utf8" })
  // A front end has no kernels: it has no report and no digest.
  .filter((name) => /(?<!async_llm.*)\.json\.gz$/.test(name) && !name.includes("capture_traces"))
  .sort()
  .map((name) => join("examples", name))
  // One of each run: its other ranks and stages are no other kind.
  .filter((path, at, all) => at === 0 || dirname(path) !== dirname(all[at - 1]!));
describe("a digest answers as its trace does, to the byte", () => {
  test.each(examples)("%s", (trace) => {
    const digest = digestOf(trace, temporaryFolder({}));
    const whole = ["-f", "json", "--min-share", "0"];
    expect(printed(digest, ...whole)).toBe(printed(trace, ...whole));
    expect(printed(digest, "--stage", "decode")).toBe(printed(trace, "--stage", "decode"));
  });
});

test("every row says what it belongs to", async () => {
  const bytes = readFileSync(digestOf(RANKS[1]!, temporaryFolder({}), "--build", "nightly-1"));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const columns = ["part", "trace", "build", "rank", "rules_digest", "framework"];
  const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)) };
  const rows = await parquetReadObjects({ file, columns, compressors });
  const parts = new Set(rows.map((row) => row.part));
  for (const part of ["stage", "kernel", "ledger", "fuse", "step", "collective", "document"])
    expect(parts).toContain(part);
  const places = new Set(rows.map(({ part: _, ...place }) => JSON.stringify(place)));
  expect(places.size).toBe(1);
  expect(rows[0]).toMatchObject({
    trace: RANKS[1],
    build: "nightly-1",
    rank: 1,
    framework: "sglang",
  });
});

test("ranks of digests are the ranks of their traces, in every format", () => {
  const folder = temporaryFolder({});
  const digests = RANKS.map((path) => digestOf(path, folder));
  for (const format of ["json", "text", "html"]) {
    const of = printed("ranks", ...RANKS, "-f", format);
    expect(printed("ranks", ...digests, "-f", format)).toBe(of);
  }
  const { ranks, stages } = JSON.parse(printed("ranks", folder, "-f", "json"));
  expect(ranks.map(({ label }: { label: string }) => label)).toEqual(["0", "1"]);
  expect(stages[0].collectives[0].matched).toBeGreaterThan(100);
});

test("under torch's own names every process is a rank; of one process the newest counts", () => {
  const [first, second] = RANKS.map((path) => readFileSync(path)) as [Buffer, Buffer];
  const folder = temporaryFolder({});
  const name = (process: number, time: string) => `w7_${process}.${time}.pt.trace.json.gz`;
  writeFileSync(join(folder, name(4711, "1698957662168769395")), first);
  writeFileSync(join(folder, name(4711, "1598957662168769395")), second);
  writeFileSync(join(folder, name(4712, "1698957662178769395")), second);
  const digests = temporaryFolder({});
  runCommand(TRIAGE, ["digest", folder, "--all-ranks", ...RULES, "-o", `${digests}/`]);
  expect(readdirSync(digests)).toHaveLength(2);
  const ranksIn = (path: string): number[] =>
    JSON.parse(printed("ranks", path, "-f", "json")).ranks.map(
      ({ rank }: { rank: number }) => rank,
    );
  expect(ranksIn(digests)).toEqual([0, 1]);
  expect(ranksIn(folder)).toEqual([0, 1]);
});

test("digests stand on either side of a diff", () => {
  const folder = temporaryFolder({});
  const [before, after] = RANKS.map((path) => digestOf(path, folder)) as [string, string];
  const of = printed("diff", RANKS[0]!, RANKS[1]!, "-f", "json");
  expect(printed("diff", before, RANKS[1]!, "-f", "json")).toBe(of);
  expect(printed("diff", before, after, "-f", "json")).toBe(of);
});

test("the same bytes twice; resumed it is kept, unless it is cut or of another build", () => {
  const folder = temporaryFolder({});
  const path = digestOf(RANKS[0]!, folder);
  const bytes = readFileSync(path);
  const again = (...more: string[]) =>
    runCommand(TRIAGE, ["digest", RANKS[0]!, ...RULES, "-o", path, "--resume", ...more]).out;
  expect(again()).toMatch(/^kept /);
  truncateSync(path, bytes.length - 100);
  expect(again()).toMatch(/^made /);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(again("--build", "nightly")).toMatch(/^made /);
});

test("a damaged digest is a rank that cannot be read: it is named, the others are compared", () => {
  const folder = temporaryFolder({});
  const [first] = RANKS.map((path) => digestOf(path, folder));
  const cut = join(folder, basename(first!).replace("TP-0", "TP-2"));
  writeFileSync(cut, readFileSync(first!).subarray(0, 1000));
  const { code, out, err } = runCommand(TRIAGE, ["ranks", folder, ...RULES]);
  expect(code).toBe(3);
  expect(err).toMatch(/^rank 2 is left out: The digest is not whole/);
  expect(out).toContain("Collectives");
  const alone = runCommand(TRIAGE, [cut, ...RULES]);
  expect(alone.code).toBe(3);
  expect(alone.err).toContain("triage digest TRACE");
});

test("a damaged trace does not lose the others' digests", () => {
  const folder = temporaryFolder({ "TP-1.trace.json": '{"traceEvents": [' });
  const args = ["digest", RANKS[0]!, join(folder, "TP-1.trace.json"), ...RULES, "-o", `${folder}/`];
  const { code, out, err } = runCommand(TRIAGE, args);
  expect(code).toBe(3);
  expect(out).toMatch(/^made .*TP-0.*\n$/);
  expect(err).toContain("TP-1.trace.json");
});

test("what was decided when it was made cannot be decided again", () => {
  const digest = digestOf(RANKS[0]!, temporaryFolder({}));
  const given = runCommand(TRIAGE, [digest, "--tp", "4", "--gpu", "mi300x", ...RULES]);
  expect(given.code).toBe(2);
  expect(given.err).toContain("--tp, --gpu decides how a trace is read");
  expect(runCommand(TRIAGE, ["digest", digest, ...RULES]).code).toBe(2);
});
