import { stageSpans } from "../engine/stage-spans.ts";
import type { StageName } from "../model/framework.ts";
import type { StageSpans, TraceSpans } from "../model/trace-spans.ts";
import type { RuleBase } from "./rule-base.ts";
import type { TraceFindings } from "./trace-findings.ts";

/** A trace's findings once more, as places in time. */
export async function traceSpans(
  { graph, outcomes, stages: reports }: TraceFindings,
  { ruleSet, policies }: RuleBase,
  only: StageName | null,
): Promise<TraceSpans> {
  const stages: StageSpans[] = [];
  for (const [index, stage] of graph.stages.entries()) {
    if (only !== null && stage.stage !== only) continue;
    const { timeline } = reports[index]!;
    stages.push(
      await stageSpans({ ruleSet, graph, stage, outcomes, timeline, policy: policies.overlap }),
    );
  }
  return { graph, stages };
}
