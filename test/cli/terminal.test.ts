import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import {
  describeError,
  describeTerminal,
  type OutputStream,
} from "../../src/cli/terminal/terminal.ts";
import { EXIT, TriageError } from "../../src/model/errors.ts";

const TTY: OutputStream = { isTTY: true, columns: 90 };
const PIPE: OutputStream = {};

describe("colour", () => {
  test.each([
    [{}, TTY, true],
    [{}, PIPE, false],
    [{ NO_COLOR: "1" }, TTY, false],
    [{ NO_COLOR: "" }, TTY, true],
    [{ TERM: "dumb" }, TTY, false],
    [{ FORCE_COLOR: "1" }, PIPE, true],
    [{ FORCE_COLOR: "" }, PIPE, true],
    [{ FORCE_COLOR: "0" }, TTY, false],
    [{ FORCE_COLOR: "3", NO_COLOR: "1" }, PIPE, true],
  ])("with %j on %j: %s", (env, stream, wanted) => {
    expect(describeTerminal(env, stream, PIPE, false).colorOut).toBe(wanted);
  });

  test("--no-color outranks everything", () => {
    expect(describeTerminal({ FORCE_COLOR: "1" }, TTY, TTY, true)).toMatchObject({
      colorOut: false,
      colorErr: false,
    });
  });

  test("each stream decides for itself", () => {
    expect(describeTerminal({}, PIPE, TTY, false)).toMatchObject({
      colorOut: false,
      colorErr: true,
    });
  });
});

test.each([
  [{}, TTY, 90],
  [{ COLUMNS: "70" }, TTY, 90],
  [{ COLUMNS: "70" }, PIPE, 70],
  [{ COLUMNS: "many" }, PIPE, 120],
  [{}, { isTTY: true, columns: 0 }, 120],
])("width with %j on %j is %d", (env, stream, width) => {
  expect(describeTerminal(env, stream, PIPE, false).width).toBe(width);
});

test.each([
  [{}, TTY, true],
  [{}, PIPE, false],
  [{ CI: "true" }, TTY, false],
  [{ TERM: "dumb" }, TTY, false],
])("progress with %j on %j: %s", (env, stderr, watched) => {
  expect(describeTerminal(env, PIPE, stderr, false).isWatched).toBe(watched);
});

describe("an error", () => {
  const error = new TriageError({
    code: "trace/no-gpu-events",
    exit: EXIT.unreadable,
    message: "No GPU events in this trace.",
    place: "a\u001b[2J.json.gz",
    hint: "record with activities=[CPU, CUDA]",
  });

  test("of the input says what, where, what to do and its code", () => {
    expect(describeError(error, false)).toEqual({
      text: [
        "error: No GPU events in this trace.",
        "  at a\\u{1b}[2J.json.gz",
        "  do: record with activities=[CPU, CUDA]",
        "  (trace/no-gpu-events)",
      ].join("\n"),
      exit: 3,
    });
  });

  test("says the same in colour", () => {
    const colored = describeError(error, true).text;
    expect(colored).not.toBe(describeError(error, false).text);
    expect(stripVTControlCharacters(colored)).toBe(describeError(error, false).text);
  });

  test("of ours keeps its stack and asks to be reported", () => {
    const { text, exit } = describeError(new RangeError("row 7"), false);
    expect(text).toContain("RangeError: row 7\n      at ");
    expect(text).toContain("Please report it");
    expect(exit).toBe(70);
  });

  test("that is no Error at all is still told", () => {
    expect(describeError("boom", false).text).toContain("boom");
  });
});
