import { quote } from "../../../base/quote.ts";
import type { KernelDictionary } from "../../../dsl/checks/proofs/dictionary.ts";
import { formatWork } from "../../../dsl/work/format.ts";
import type { WorkMutant } from "../../../engine/mutation/work-mutants.ts";
import { compileGlob, matchesGlob } from "../../../model/classes/glob.ts";
import type { WorkInput, WorkModel, WorkTest } from "../../../model/work.ts";
import { runWorkTests, workAnswer } from "../../../pipeline/work-tests.ts";
import { unnoticedIn } from "../mutants.ts";
import type { Suggestions } from "./suggest-tests.ts";
import { type WorkDraft, workDrafts } from "./work-drafts.ts";

/**
 * Tests that tell a work model from its mutants: calls of its own tests with one thing changed.
 * The figures are what the model says today: whoever pastes one has worked them out by hand.
 */
export function suggestWorkTests(
  work: WorkModel,
  dictionary: KernelDictionary | null,
): Suggestions {
  const left = new Set(unnoticedIn(work));
  if (left.size === 0) return { tests: [], left: [] };
  const candidates = titled(workDrafts(work, kernelIn(dictionary)), work).map((draft) => {
    const test = answered(work, draft);
    return { draft, test, noticed: [...left].filter((mutant) => notices(test, mutant)) };
  });
  const tests: Suggestions["tests"][number][] = [];
  for (;;) {
    const news = (one: (typeof candidates)[number]): WorkMutant[] =>
      one.noticed.filter((mutant) => left.has(mutant));
    const best = candidates.reduce<{ one: (typeof candidates)[number]; worth: number } | null>(
      (top, one) => {
        const worth = news(one).length / one.draft.far;
        return worth > (top?.worth ?? 0) ? { one, worth } : top;
      },
      null,
    );
    if (best === null) break;
    const found = news(best.one);
    for (const mutant of found) left.delete(mutant);
    tests.push({
      title: best.one.test.title,
      text: testText(best.one.test),
      notices: found.map(({ change }) => change),
    });
  }
  return { tests, left: [...left].map(({ change }) => change) };
}

function answered(work: WorkModel, { title, call }: WorkDraft): WorkTest {
  const found = workAnswer(work, call);
  const whole = (figure: number | null): number | null => figure && Math.round(figure);
  return {
    ...call,
    title,
    expect: found && { flops: whole(found.flops), bytes: whole(found.bytes) },
  };
}

function notices(test: WorkTest, { work }: WorkMutant): boolean {
  return runWorkTests([{ ...work, tests: [test] }]).some(({ passed }) => !passed);
}

/** The shortest known name that the glob holds. */
function kernelIn(dictionary: KernelDictionary | null): (glob: string) => string | null {
  return (glob) => {
    const compiled = compileGlob(glob);
    const names = (dictionary?.kernels ?? [])
      .flatMap(({ spellings }) => spellings.slice(0, 1))
      .filter((name) => matchesGlob(compiled, name));
    return names.reduce<string | null>(
      (best, name) => (best === null || name.length < best.length ? name : best),
      null,
    );
  };
}

/** Drafts under titles of their own; of two that are called alike the first varies the first test. */
function titled(drafts: readonly WorkDraft[], { tests }: WorkModel): readonly WorkDraft[] {
  const taken = new Set(tests.map(({ title }) => title));
  return drafts.filter(({ title }) => !taken.has(title) && taken.add(title));
}

function testText({ title, inputs, inner, outer, step, kernel, expect }: WorkTest): string {
  const steps = Object.entries(step).filter(([, value]) => value !== undefined);
  const lines = [
    `test ${quote(title)} {`,
    ...(inputs.length === 0 ? [] : [`given inputs ${inputsText(inputs)}`]),
    ...inner.map((call) => `given inner ${quote(call.op)} ${inputsText(call.inputs)}`),
    ...outer.map((call) => `given outer ${quote(call.op)} ${inputsText(call.inputs)}`),
    ...steps.map(([field, value]) => `given step ${field} ${value}`),
    ...(kernel === null ? [] : [`given kernel ${quote(kernel)}`]),
    expect === null ? "expect none" : `expect flops ${expect.flops}, bytes ${expect.bytes}`,
    "}",
  ];
  const formatted = formatWork(`fuse 2\n\nwork x {\n${lines.join("\n")}\n}\n`);
  return formatted
    .split("\n")
    .slice(3, -2)
    .map((line) => `${line}\n`)
    .join("");
}

const inputsText = (inputs: readonly WorkInput[]): string => inputs.map(inputText).join(", ");

function inputText({ type, dims, list, strides, value }: WorkInput): string {
  if (list !== null) return `(${list.map((one) => `${type}[${one.join(", ")}]`).join(", ")})`;
  if (dims !== null) {
    const laid = strides === null ? "" : ` strides [${strides.join(", ")}]`;
    return `${type}[${dims.join(", ")}]${laid}`;
  }
  if (value === null) return "none";
  if (typeof value === "string") return quote(value);
  return typeof value === "number" ? String(value) : `[${value.join(", ")}]`;
}
