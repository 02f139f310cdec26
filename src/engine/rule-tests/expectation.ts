import type { RuleOutcome } from "../../model/finding.ts";
import type { TestExpectation } from "../../model/rule.ts";
import { sitesOf } from "../match/verdicts/states.ts";

/** Whether an outcome is what a test expects. */
export function meetsExpectation(outcome: RuleOutcome, expect: TestExpectation): boolean {
  if (expect.match !== null) {
    const times = sitesOf(expect.match, outcome.counts);
    return outcome.state === expect.match && (expect.times === null || times === expect.times);
  }
  const because = reasonOf(outcome);
  if (because === null) return false;
  if (expect.because !== null && expect.because !== because) return false;
  return expect.guard === null || expect.guard === outcome.blockedBy;
}

/** Why a rule says nothing; null when it matched. */
export function reasonOf({ state }: RuleOutcome): "guard" | "pattern" | "share" | null {
  if (state === "not-applicable") return "guard";
  if (state === "absent") return "pattern";
  return state === "below-threshold" ? "share" : null;
}

/** The closest expectation that an outcome meets. */
export function expectationOf(outcome: RuleOutcome): TestExpectation {
  const because = reasonOf(outcome);
  if (because === null) {
    const match = outcome.state as Exclude<TestExpectation["match"], null>;
    return { match, times: sitesOf(match, outcome.counts) };
  }
  return { match: null, because, guard: outcome.blockedBy };
}
