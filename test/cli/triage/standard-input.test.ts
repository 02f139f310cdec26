import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { builtCommand } from "../../support/built-cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const TRIAGE = resolve(builtCommand("triage"));
const PACKED = readFileSync(
  "examples/two-stream-overlap/1775081877.2294104-TP-0-DP-0-EP-0-EXTEND.trace.json.gz",
);
const PLAIN = gunzipSync(PACKED);

/** `triage ARGS` with these bytes on standard input, in a folder where nothing lies. */
function triage(args: readonly string[], input: Uint8Array | string, cwd = temporaryFolder({})) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TRIAGE, ...args], {
    input,
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return { code: status, out: stdout, err: stderr };
}

/** The same bytes as a file with the name of a pipe, so that nothing in the report differs. */
function asFile(bytes: Uint8Array, args: readonly string[]) {
  const folder = temporaryFolder({ "x/pipe": bytes });
  return triage([...args, "pipe"], "", join(folder, "x"));
}

const JSON_REPORT = ["--format", "json"];
const unnamed = (text: string): string =>
  text.replaceAll(/"(pipe|-)"/g, '"TRACE"').replaceAll(/(at|in) (pipe|-)\b/g, "$1 TRACE");

describe("a trace on standard input", () => {
  test.each([
    ["packed", PACKED],
    ["plain", PLAIN],
  ])("%s gives the report of the file", (_, bytes) => {
    const piped = triage(["-", ...JSON_REPORT], bytes);
    expect({ code: piped.code, err: piped.err }).toEqual({ code: 0, err: "" });
    expect(unnamed(piped.out)).toBe(unnamed(asFile(bytes, JSON_REPORT).out));
    expect(JSON.parse(piped.out).traces[0].path).toBe("-");
  });

  test.each([
    ["cut while packed", PACKED.subarray(0, -3000)],
    ["cut while plain", PLAIN.subarray(0, -30_000)],
    ["broken in the middle", broken(PACKED)],
  ])("%s gives what the file gives, marked incomplete", (_, bytes) => {
    const piped = triage(["-", ...JSON_REPORT], bytes);
    expect(piped.code).toBe(0);
    expect(JSON.parse(piped.out).traces[0].complete).toBe(false);
    expect(unnamed(piped.out)).toBe(unnamed(asFile(bytes, JSON_REPORT).out));
  });

  test("can be annotated without being read again", () => {
    const { code, out } = triage(["-", "--format", "perfetto"], PACKED);
    expect(code).toBe(0);
    expect(JSON.parse(out).traceEvents.length).toBeGreaterThan(10);
  });

  test.each([
    [["-", "-"], PACKED, 2, "usage/stdin-alone"],
    [["-", "other.json"], PACKED, 2, "usage/stdin-alone"],
    [["-", "--format", "perfetto", "--full"], PACKED, 2, "trace/stdin-used"],
    [["-"], "", 3, "trace/empty"],
    [["-"], "no trace at all", 3, "trace/not-json"],
    [["-"], gzipSync(PACKED), 3, "trace/foreign-file"],
  ])("%j of something else says what to do", (args, input, code, error) => {
    const ended = triage(args, input);
    expect(ended.err).toContain(`(${error})`);
    expect(ended.code).toBe(code);
  });

  test("a log beside the working folder is none of a piped trace's", () => {
    const cwd = temporaryFolder({ "server.log": "falling back to diffusers backend\n" });
    expect(triage(["-"], PACKED, cwd).code).toBe(0);
  });
});

test("a named pipe is read as it comes", () => {
  const folder = temporaryFolder({ "trace.json.gz": PACKED });
  const script = `mkfifo p; cat trace.json.gz > p & "${process.execPath}" "${TRIAGE}" p -f json`;
  const out = execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
  expect(JSON.parse(out).traces[0]).toMatchObject({ path: "p", complete: true });
});

test("an address says how to pipe it", () => {
  const { code, err } = triage(["s3://bucket/TP-0.json.gz"], "");
  expect(code).toBe(3);
  expect(err).toContain("aws s3 cp s3://bucket/TP-0.json.gz - | triage -");
});

function broken(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0xff, copy.length - 3000, copy.length - 2936);
  return copy;
}
