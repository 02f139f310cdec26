import { compareText } from "../../base/compare-text.ts";
import { exceedsGate, type GateText, parseGateText } from "../../model/contracts/gate-text.ts";
import type { Gate } from "../../model/options.ts";
import { fuseFacts, type StagedRow } from "./fuse-policy.ts";
import type { Policy, PolicyGate } from "./policy.ts";
import { PolicyEngine } from "./policy-engine.ts";

/**
 * Judges gates such as "mainline-split", "mainline-split>2%" and "pending>=3": without a limit any
 * row fails it, with a percentage any row that would save more of its step, with a number
 * more rows than that.
 *
 * @throws TriageError `gate/unknown` for a gate the policy does not have, `gate/syntax` for text that is none.
 */
export async function evaluateGates(
  rows: readonly StagedRow[],
  specs: readonly string[],
  policy: Policy | null,
): Promise<readonly Gate[]> {
  const answers: Gate[] = [];
  const gates = policy?.gates ?? [];
  const names = gates.map(({ name }) => name);
  const known =
    names.length > 0 ? `Gates of the policy: ${names.join(", ")}.` : "The policy has no gates.";
  for (const text of specs) {
    const spec = parseGateText(text, names, known);
    answers.push(await evaluate(spec, gates.find(({ name }) => name === spec.name)!, rows));
  }
  return answers;
}

async function evaluate(
  spec: GateText,
  gate: PolicyGate,
  rows: readonly StagedRow[],
): Promise<Gate> {
  const { text, measure, limit, orMore } = spec;
  const engine = new PolicyEngine([{ name: gate.name, when: gate.when, decide: { type: "gate" } }]);
  const held: StagedRow[] = [];
  for (const row of rows) if ((await engine.judge(fuseFacts(row))).length > 0) held.push(row);
  const isShare = measure === "percent";
  const over = isShare ? held.filter(({ row }) => exceedsGate(spec, row.saves.pctOfStep)) : held;
  const failed = isShare ? over.length > 0 : exceedsGate(spec, held.length);
  over.sort(
    (a, b) => b.row.saves.pctOfStep - a.row.saves.pctOfStep || compareText(a.row.rule, b.row.rule),
  );
  const list = over.map(
    ({ stage, row }) => `${row.rule} (${stage}, saves ${row.saves.pctOfStep.toFixed(1)}%)`,
  );
  const amount = `${held.length} ${held.length === 1 ? "row" : "rows"} of ${gate.title}`;
  const limitText = `${orMore ? "at least" : "more than"} ${limit}${isShare ? "%" : " rows"}`;
  const named = list.length > 0 ? `: ${list.join(", ")}` : "";
  const which = isShare ? `, ${over.length} with ${limitText}` : `, fails at ${limitText}`;
  return { id: text, failed, reason: `${amount}${which}${named}` };
}
