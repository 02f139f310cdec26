// What action.yml runs: the command once, then summary, annotations, comment and outputs.
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { annotations, failures } from "./annotations.mjs";
import { commentOn } from "./comment.mjs";

const env = process.env;
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const PROGRAM = join(ROOT, "dist/cli/triage.js");

/** GitHub cuts a comment at 65,536 letters and a summary at a megabyte. */
const LONGEST_COMMENT = 60_000;
const LONGEST_SUMMARY = 1_000_000;

const lines = (text = "") =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const trace = env.INPUT_TRACE ?? "";
const before = env.INPUT_BEFORE ?? "";
const title = (env.INPUT_TITLE ?? "").replace(/[^\w .:/+-]/g, "") || "fuse-triage";
const isDiff = before !== "";
const report = join(env.RUNNER_TEMP ?? ".", isDiff ? "fuse-triage-diff.json" : "fuse-triage.json");

if (trace === "") fail("the input trace is empty: name a trace file or a folder");
if (!isDiff && lines(env.INPUT_BUDGETS).length > 0)
  fail("budgets compare two runs: name the other one in before");

// A path that begins with a dash is a path.
const named = (path) => (path.startsWith("-") ? `./${path}` : path);
const options = [
  ...lines(env.INPUT_ARGUMENTS),
  ...lines(env.INPUT_BUDGETS).flatMap((it) => ["--budget", it]),
  ...lines(env.INPUT_FAIL_ON).flatMap((it) => ["--fail-on", it]),
];
const traces = isDiff ? ["diff", named(before), named(trace)] : [named(trace)];
const judged = run([...traces, ...options, "--format", "json", "--output", report]);
const code = judged.status ?? 70;
const hasReport = code === 0 || code === 1;

const failed = failures(judged.stderr);
const page = hasReport ? shown("markdown", []) : "";
const brief = hasReport ? shown("brief", ["--max-tokens", "1500"]) : "";

// Only these lines are commands to the runner; everything in them is escaped.
process.stdout.write(
  annotations({ code, failed, stderr: judged.stderr, title, document: documentOf() }),
);
write(env.GITHUB_STEP_SUMMARY, clipped(`${heading()}\n${page}\n`, LONGEST_SUMMARY));
write(env.GITHUB_OUTPUT, `report=${report}\nexit-code=${code}\n`);
if (env.INPUT_COMMENT === "true" && hasReport) {
  const body = `${heading()}\n${fenced(brief)}\n`;
  await commentOn({ env, title, body: clipped(body, LONGEST_COMMENT) });
}
process.exitCode = code;

/** The report as data; null where there is none. */
function documentOf() {
  if (!hasReport) return null;
  const document = JSON.parse(readFileSync(report, "utf8"));
  return Array.isArray(document) ? document[0] : document;
}

function run(args) {
  // What the program prints is data here; the guard for runners would spell it out twice.
  return spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...env, NO_COLOR: "1", GITHUB_ACTIONS: "" },
  });
}

function shown(format, more) {
  return run(["show", report, "--format", format, ...more]).stdout;
}

function heading() {
  const verdict = !hasReport
    ? `ended with ${code}`
    : failed.length === 0
      ? "passed"
      : `${failed.length} ${failed.length === 1 ? "limit" : "limits"} exceeded`;
  const list = failed.map((it) => `- \`${it.replace(/[`\r\n]/g, "'")}\``).join("\n");
  const error = hasReport ? "" : `\n${fenced(judged.stderr)}\n`;
  return `## ${title}: ${verdict}\n${list === "" ? "" : `\n${list}\n`}${error}`;
}

/** As text that no Markdown in it can leave: the fence is longer than any in it. */
function fenced(text) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text.trimEnd()}\n${fence}`;
}

function clipped(text, most) {
  if (Buffer.byteLength(text) <= most) return text;
  const cut = Buffer.from(text)
    .subarray(0, most - 200)
    .toString("utf8")
    .replace(/\uFFFD$/, "");
  const left = Buffer.byteLength(text) - Buffer.byteLength(cut);
  return `${cut}\n\n${left} bytes are left out; the output \`report\` has all.\n`;
}

function write(path, text) {
  if (path !== undefined && path !== "") appendFileSync(path, text);
}

function fail(message) {
  process.stdout.write(
    annotations({ code: 2, failed: [], stderr: `error: ${message}`, title, document: null }),
  );
  process.exit(2);
}
