import { bytesOfWork, evaluateWork } from "../engine/limits/evaluate.ts";
import { innerCalls } from "../engine/limits/inner-calls.ts";
import { compileGlob, matchesGlob } from "../model/classes/glob.ts";
import type { WorkModel, WorkTest } from "../model/work.ts";
import type { RuleTestResult } from "./rule-tests.ts";

/** Runs the tests embedded in work models: figures are exact numbers, so they must agree exactly. */
export function runWorkTests(works: readonly WorkModel[]): RuleTestResult[] {
  return works.flatMap((work) => work.tests.map((test) => runWorkTest(work, test)));
}

function runWorkTest(work: WorkModel, test: WorkTest): RuleTestResult {
  const expected = test.expect === null ? "none" : figures(test.expect);
  const found = workAnswer(work, test);
  const asked = found !== null && test.expect !== null ? pick(found, test.expect) : found;
  const saw = asked === null ? "none" : figures(asked);
  return {
    rule: work.id,
    file: work.file,
    test: test.title,
    passed: expected === saw,
    expected,
    saw,
  };
}

interface Figures {
  readonly flops: number | null;
  readonly bytes: number | null;
}

/** What a model says of a test's call; null where it does not apply. */
export function workAnswer(
  work: WorkModel,
  { inputs, inner, outer, step, kernel }: Omit<WorkTest, "title" | "expect">,
): Figures | null {
  if (
    work.kernels.length > 0 &&
    !work.kernels.some((glob) => matchesGlob(compileGlob(glob), kernel ?? ""))
  )
    return null;
  const found = evaluateWork(work, {
    inputs,
    inner: innerCalls(inner),
    outer: (op) => outer.find((call) => call.op === op) ?? null,
    step,
  });
  return found && { flops: found.flop, bytes: bytesOfWork(found) };
}

/** Only what the test asks for; a written figure may be rounded to a whole number. */
const pick = (found: Figures, asked: Figures): Figures => ({
  flops: asked.flops === null ? null : rounded(found.flops, asked.flops),
  bytes: asked.bytes === null ? null : rounded(found.bytes, asked.bytes),
});

const rounded = (found: number | null, asked: number): number | null =>
  found !== null && Math.abs(found - asked) < 1 ? asked : found;

const figures = ({ flops, bytes }: Figures): string =>
  [flops === null ? [] : `flops ${flops}`, bytes === null ? [] : `bytes ${bytes}`]
    .flat()
    .join(", ");
