import { beforeAll, expect, test } from "vitest";
import { mutateWork, unnoticedIn } from "../../../src/commands/rules/mutants.ts";
import { isWeak } from "../../../src/commands/rules/mutation-score.ts";
import { suggestWorkTests } from "../../../src/commands/rules/suggest/suggest-work-tests.ts";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { compileWorks } from "../../../src/dsl/work/compile.ts";
import { parseWork } from "../../../src/dsl/work/parse.ts";
import { workMutantsOf } from "../../../src/engine/mutation/work-mutants.ts";
import type { WorkModel } from "../../../src/model/work.ts";
import { runWorkTests } from "../../../src/pipeline/work-tests.ts";

const head = (body: string): string => `fuse 2

work demo {
  title "Demo"
  op "aten::demo"
  source pytorch "demo.yaml"
${body}`;

function model(body: string, ...tests: readonly string[]): WorkModel {
  const { ast } = parseWork(`${head(body)}\n${tests.join("\n")}\n}\n`, "work/pytorch/demo.fuse");
  const { works, diagnostics } = compileWorks(
    [{ path: "work/pytorch/demo.fuse", ast }],
    () => null,
  );
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  return works[0]!;
}

const ROWS = `  where input[0].rank == 2
  let n = input[0].dims[1] * 3
  flops n at vector(fp32)
  reads bytes(input[0])
  writes min(n, 8) * 2`;

const SQUARE = `  test "square" {
    given inputs bf16[4, 4]
    expect flops 12, bytes 48
  }`;

test("a model is changed in its conditions, its lets and its figures, one thing at a time", () => {
  expect(workMutantsOf(model(ROWS, SQUARE)).map(({ change }) => change)).toEqual([
    "drop where input[0].rank == 2",
    "where: input[0].rank == 2 -> input[0].rank != 2",
    "where: 0 -> 1",
    "where: 2 -> 3",
    "let n: input[0].dims[1] * 3 -> input[0].dims[1] / 3",
    "let n: input[0].dims[1] * 3 -> input[0].dims[1]",
    "let n: input[0].dims[1] * 3 -> 3",
    "let n: 0 -> 1",
    "let n: 1 -> 2",
    "let n: 3 -> 4",
    "no flops",
    "no reads",
    "reads: 0 -> 1",
    "no writes",
    "writes: min(n, 8) * 2 -> min(n, 8) / 2",
    "writes: min(n, 8) * 2 -> min(n, 8)",
    "writes: min(n, 8) * 2 -> 2",
    "writes: min(n, 8) -> max(n, 8)",
    "writes: min(n, 8) -> n",
    "writes: min(n, 8) -> 8",
    "writes: 8 -> 9",
    "writes: 2 -> 3",
  ]);
});

test("what no test of the model notices is weak, and told", () => {
  const weak = mutateWork(model(ROWS, SQUARE));
  expect(weak.survivors).toEqual(["drop where input[0].rank == 2", "writes: min(n, 8) -> 8"]);
  expect([weak.killed, weak.mutants, isWeak(weak)]).toEqual([20, 22, false]);
  expect(isWeak(mutateWork(model(ROWS, SQUARE.replace("12, bytes 48", "12"))))).toBe(true);
});

test("kernels that are meant, one by one", () => {
  const body = ROWS.replace("  where", '  kernel "gemm*" | "gemv*"\n  where');
  const changes = workMutantsOf(model(body, SQUARE)).map(({ change }) => change);
  expect(changes.slice(0, 3)).toEqual(["any kernel", 'drop kernel "gemm*"', 'drop kernel "gemv*"']);
});

test("a known argument is asked for the reader where the figures need it anyhow", () => {
  const plain = "  where known(input[0].rank)\n  reads bytes(input[0])\n  writes 0";
  const row = '  test "row" {\n    given inputs bf16[8]\n    expect flops 0, bytes 16\n  }';
  expect(mutateWork(model(plain, row))).toMatchObject({ survivors: [], mutants: 3 });
  const needed = "  where known(input[0].rank)\n  reads bytes(input[0]) else 4\n  writes 0";
  expect(mutateWork(model(needed, row)).survivors).toContain("drop where known(input[0].rank)");
});

test("the tests suggested notice what was not noticed", () => {
  const weak = model(ROWS, SQUARE);
  const { tests, left } = suggestWorkTests(weak, null);
  expect(left).toEqual([]);
  const mended = model(ROWS, SQUARE, ...tests.map(({ text }) => text));
  expect(runWorkTests([mended]).every(({ passed }) => passed)).toBe(true);
  expect(unnoticedIn(mended)).toEqual([]);
});

let works: readonly WorkModel[];

beforeAll(async () => {
  works = (await loadRules("rules")).ruleSet.works;
});

test("the tests of every model of the base notice nine in ten changes to it", () => {
  expect(works.length).toBeGreaterThan(100);
  const weak = works.map(mutateWork).filter(isWeak);
  expect(weak.map(({ rule, killed, mutants }) => `${rule} ${killed}/${mutants}`)).toEqual([]);
});
