import { describe, expect, test } from "vitest";
import { type OptionSpecs, parseOptions } from "../../src/cli/options.ts";
import { readTriageOptions } from "../../src/cli/triage/triage-options.ts";
import { TriageError } from "../../src/model/errors.ts";

const SPECS = {
  output: { value: "FILE", short: "o", group: "g", help: "h" },
  input: { value: "PATH", multiple: true, group: "g", help: "h" },
  force: { value: null, group: "g", help: "h" },
} as const satisfies OptionSpecs;

function failure(work: () => unknown): { code: string; message: string; exit: number } {
  try {
    work();
  } catch (error) {
    if (error instanceof TriageError)
      return { code: error.code, message: error.message, exit: error.exit };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a command line", () => {
  const parse = (...args: string[]) => parseOptions(args, SPECS, "triage");

  test("gives positionals, last values, all values and switches", () => {
    const given = parse(
      "a",
      "--output",
      "x",
      "-o",
      "y",
      "--input=p",
      "b",
      "--input",
      "q",
      "--force",
    );
    expect(given.positionals).toEqual(["a", "b"]);
    expect(given.text("output")).toBe("y");
    expect(given.all("input")).toEqual(["p", "q"]);
    expect(given.has("force")).toBe(true);
  });

  test("after -- everything is a path", () => {
    expect(parse("--", "--force", "-o").positionals).toEqual(["--force", "-o"]);
  });

  test("a value may start with a dash when it is a number, a lone dash, or glued on", () => {
    expect(parse("--output", "-1").text("output")).toBe("-1");
    expect(parse("--output", "-").text("output")).toBe("-");
    expect(parse("--output=-x").text("output")).toBe("-x");
  });

  test.each([
    [["--ouput", "x"], "usage/unknown-option", "Unknown option --ouput. Did you mean --output?"],
    [["--colour"], "usage/unknown-option", "Unknown option --colour."],
    [["--constructor"], "usage/unknown-option", "Unknown option --constructor."],
    [["-x"], "usage/unknown-option", "Unknown option -x."],
    [["--output"], "usage/missing-value", "--output needs a value: FILE."],
    [["--output", "--force"], "usage/missing-value", "--output needs a value: FILE."],
    [["--force=yes"], "usage/unexpected-value", "--force takes no value."],
  ])("%j is refused", (args, code, message) => {
    expect(failure(() => parse(...args))).toEqual({ code, message, exit: 2 });
  });
});

describe("triage options", () => {
  test("say what they default to", () => {
    const { analyze, ...rest } = readTriageOptions(["trace.json"]);
    expect(rest).toEqual({
      format: "text",
      output: null,
      full: false,
      byShape: false,
      order: "time",
      serverLogs: [],
      limits: { kernels: null, overlap: null, fuse: null },
    });
    expect(analyze).toMatchObject({
      inputs: ["trace.json"],
      mapping: [],
      formal: [],
      reader: "fast",
      minSharePct: 1,
      stage: null,
      rank: null,
      maxBytes: null,
      failOn: [],
    });
    expect(analyze.rulesPath).toMatch(/rules$/);
  });

  test("read every kind of value", () => {
    const { analyze, format, limits } = readTriageOptions(
      [
        ["a.json", "--input", "b.json", "--rules", "my/rules", "--rank", "3", "--tp", "8"],
        ["--framework", "vllm", "--stage", "extend", "--min-share", "0.25", "--format", "json"],
        ["--max-bytes", "2GiB", "--fail-on", "x", "--fail-on", "y", "--kernel-table-limit", "5"],
      ].flat(),
    );
    expect(analyze).toMatchObject({
      inputs: ["a.json", "b.json"],
      rulesPath: "my/rules",
      rank: 3,
      tp: 8,
      framework: "vllm",
      stage: "prefill",
      minSharePct: 0.25,
      maxBytes: 2 ** 31,
      failOn: ["x", "y"],
    });
    expect(format).toBe("json");
    expect(limits.kernels).toBe(5);
  });

  test.each([["all"], [null]])("--stage %s means every stage", (stage) => {
    const args = stage === null ? [] : ["--stage", stage];
    expect(readTriageOptions(["t", ...args]).analyze.stage).toBeNull();
  });

  test("with a mapping trace, plain traces are the formal ones", () => {
    const plain = readTriageOptions(["run", "--mapping-input", "eager"]).analyze;
    const spelled = readTriageOptions([
      "--formal-input",
      "run",
      "--mapping-input",
      "eager",
    ]).analyze;
    expect(plain).toEqual(spelled);
    expect(plain).toMatchObject({ inputs: [], formal: ["run"], mapping: ["eager"] });
  });

  test.each([
    [[], "usage/no-trace", "No trace to triage: name a file or folder."],
    [
      ["--formal-input", "x"],
      "usage/no-mapping",
      "--formal-input needs a --mapping-input to take sites from.",
    ],
    [
      ["a", "--formal-input", "b", "--mapping-input", "c"],
      "usage/two-roles",
      "Traces named plainly and --formal-input mean the same: give one of them.",
    ],
    [
      ["t", "--format", "jsn"],
      "usage/bad-value",
      '--format "jsn": expected one of text, markdown, json, html, brief, perfetto. Did you mean json?',
    ],
    [
      ["t", "--rank", "1.5"],
      "usage/bad-value",
      '--rank "1.5": expected a whole number of at least 0.',
    ],
    [["t", "--tp", "0"], "usage/bad-value", '--tp "0": expected a whole number of at least 1.'],
    [["t", "--tp", ""], "usage/bad-value", '--tp "": expected a whole number of at least 1.'],
    [
      ["t", "--min-share", "101"],
      "usage/bad-value",
      '--min-share "101": expected a number from 0 to 100.',
    ],
    [
      ["t", "--max-bytes", "2 apples"],
      "usage/bad-value",
      '--max-bytes "2 apples": expected a size such as 750MB or 2GiB.',
    ],
    [
      ["t", "--max-bytes", "0"],
      "usage/bad-value",
      '--max-bytes "0": expected a size such as 750MB or 2GiB.',
    ],
  ])("%j is refused", (args, code, message) => {
    expect(failure(() => readTriageOptions(args))).toEqual({ code, message, exit: 2 });
  });

  test.each([
    ["1", 1],
    ["750MB", 750e6],
    ["1.5 GiB", 1.5 * 2 ** 30],
    ["1e9", 1e9],
    ["4k", 4_000],
  ])("%s is a size", (text, bytes) => {
    expect(readTriageOptions(["t", "--max-bytes", text]).analyze.maxBytes).toBe(bytes);
  });
});
