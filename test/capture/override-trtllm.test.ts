import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { pythonTokens } from "../../src/capture/override/python-tokens.ts";
import { overrideTrtllm } from "../../src/capture/override-trtllm.ts";
import { TriageError } from "../../src/model/errors.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** The method as sources without a rank suffix have it: aligned arguments, one file for all ranks. */
const EARLY = [
  "class PyExecutor:",
  "    def _profiler(self):",
  '        torch_trace_path = os.environ.get("TLLM_TORCH_PROFILE_TRACE", None)',
  "        enable_torch_trace = bool(torch_trace_path and profile_start_stop)",
  "        if enable_torch_trace:",
  "            torch_profiler = torch.profiler.profile(activities=activities,",
  "                                                    record_shapes=True,",
  "                                                    with_modules=True)",
  "        rank = self.dist.rank",
  "",
].join("\n");

/** The later home: a manager that names files by rank. */
const LATER = [
  "class ProfileManager:",
  "    def profile_step(self):",
  "        if start:",
  "            if torch_activities:",
  "                    torch_profiler = torch.profiler.profile(",
  "                        activities=torch_activities, record_shapes=True, with_modules=True",
  "                    )",
  '                    path = f"{base}-rank-{self.rank}{ext}"',
  "",
].join("\n");

function call(inside: string): string {
  return `torch_profiler = torch.profiler.profile(${inside})\nname = "-rank-0"\n`;
}

function refusal(source: string): TriageError {
  try {
    overrideTrtllm(source, "profiling.py");
  } catch (error) {
    if (error instanceof TriageError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("the two places the call has lived", () => {
  test("py_executor.py: stacks on, and tracing limited to rank 0", () => {
    const { text, changes } = overrideTrtllm(EARLY, "py_executor.py");
    expect(text).toContain(
      "torch.profiler.profile(with_stack=True, activities=activities,\n                ",
    );
    expect(text).toContain(
      "enable_torch_trace = self.dist.rank == 0 and (bool(torch_trace_path and profile_start_stop))\n",
    );
    expect(changes).toEqual([
      { line: 6, what: "with_stack=True added to the profiler call" },
      { line: 4, what: "tracing limited to rank 0 (all ranks write one file here)" },
    ]);
  });

  test("profiling.py: only stacks, for the files carry their rank", () => {
    const { text, changes, notes } = overrideTrtllm(LATER, "profiling.py");
    expect(text).toBe(LATER.replace("profile(\n", "profile(with_stack=True,\n"));
    expect(changes.map(({ line }) => line)).toEqual([5]);
    expect(notes).toEqual([]);
  });

  test("a second run changes nothing", () => {
    for (const source of [EARLY, LATER]) {
      const once = overrideTrtllm(source, "x.py").text;
      expect(overrideTrtllm(once, "x.py")).toEqual({ text: once, changes: [], notes: [] });
    }
  });

  test("a suffix-less source without the assignment is patched and says what it cannot do", () => {
    const { notes } = overrideTrtllm("p = torch.profiler.profile(a=1)\n", "x.py");
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain("several ranks");
  });
});

/** Every source here must come out as Python that sets with_stack exactly once, to True. */
const SHAPES: Record<string, string> = {
  early: EARLY,
  later: LATER,
  "carriage returns": EARLY.replaceAll("\n", "\r\n"),
  "byte order mark": `\uFEFF${LATER}`,
  "one line": call("activities=a, record_shapes=True"),
  "no arguments": call(""),
  "trailing comma": call("\n    activities=a,\n"),
  "comment after the parenthesis": call("  # with_stack=False\n    activities=a,\n"),
  "parenthesis in a comment": call("activities=a,  # smile :)\n    with_modules=True"),
  "comment after the last argument": call("\n    with_modules=True  # last\n"),
  "parenthesis in a string": call("activities=a, name=')', note=\"(\""),
  "nested f-string": call("activities=a, name=f\"{names[')']:>{width}}}}\""),
  "triple quotes": call('activities=a, doc="""\n)\n# with_stack=False\n"""'),
  "false already": call("activities=a, with_stack=False, record_shapes=True"),
  "expression already": call("activities=a, with_stack=(1 if x else f(2)),  # why\n    b=2"),
  "nested keyword of the same name": call("activities=a, schedule=make(with_stack=False)"),
  "continued assignment": EARLY.replace("bool(torch_trace_path and", "a or \\\n            (b and"),
  "imported by name": `from torch.profiler import ProfilerActivity, profile\np = profile(\n    a=1)\nx = "-rank-"\n`,
  "two calls": call("a=1") + call("a=2, with_stack=None"),
};

describe("every shape of call stays Python and records stacks", () => {
  test.each(Object.entries(SHAPES))("%s", (_, source) => {
    const { text, changes } = overrideTrtllm(source, "x.py");
    expect(changes.length).toBeGreaterThan(0);
    const code = pythonTokens(text).filter(({ kind }) => kind !== "comment" && kind !== "string");
    const spelling = code.map((token) => token.text).join(" ");
    const calls = spelling.match(/profile \(/g)!.length;
    expect(spelling.match(/with_stack = True/g)).toHaveLength(calls);
    if (source.includes("\r\n")) expect(text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  test.skipIf(!hasPython)("python3 parses every result (skipped where there is no python3)", () => {
    const texts = Object.values(SHAPES).map((source) => overrideTrtllm(source, "x.py").text);
    const script = [
      "import ast, json, sys",
      "def calls(tree): return [n for n in ast.walk(tree) if isinstance(n, ast.Call)",
      "    and (getattr(n.func, 'attr', None) or getattr(n.func, 'id', None)) == 'profile']",
      "def stack(call): return [ast.unparse(k.value) for k in call.keywords if k.arg == 'with_stack']",
      "texts = json.load(sys.stdin)",
      "print(json.dumps([[stack(c) for c in calls(ast.parse(t.lstrip('\\ufeff')))] for t in texts]))",
    ].join("\n");
    const stacks = JSON.parse(
      execFileSync("python3", ["-c", script], { input: JSON.stringify(texts), encoding: "utf8" }),
    ) as string[][][];
    expect(stacks.map((calls) => new Set(calls.map(String)))).toEqual(
      texts.map(() => new Set(["True"])),
    );
  });
});

describe("refusals say why and where", () => {
  test.each([
    ["no call", "x = profile(1)\n", "override/no-profiler-call", "profiling.py"],
    [
      "only a mention",
      "# torch.profiler.profile(a)\n",
      "override/no-profiler-call",
      "profiling.py",
    ],
    [
      "positional",
      "\np = torch.profiler.profile(a, b=1)\n",
      "override/positional-arguments",
      "profiling.py:2",
    ],
    [
      "unpacked",
      "p = torch.profiler.profile(a=1, **kw)\n",
      "override/unpacked-arguments",
      "profiling.py:1",
    ],
    ["cut file", "p = torch.profiler.profile(a=1,\n", "override/not-python", "profiling.py:1"],
    ["open string", "\n\nx = 'abc\n", "override/not-python", "profiling.py:3"],
    ["stray bracket", "x = 1)\n", "override/not-python", "profiling.py:1"],
  ])("%s", (_, source, code, place) => {
    const error = refusal(source);
    expect({ code: error.code, place: error.place }).toEqual({ code, place });
    expect(error.hint).not.toBe("");
  });
});
