import type { StageFacts } from "../../model/facts.ts";
import type { ReportDraft } from "../../report/build-report.ts";
import type { ColumnTable } from "./columns.ts";

/** The report's tables as rows, for queries over many digests; opening one reads its document instead. */
export function writeQueryRows(
  draft: ReportDraft,
  facts: readonly StageFacts[],
  table: ColumnTable,
): void {
  for (const { stage, ...one } of draft.stages) {
    writeStage(stage, one, table);
    for (const row of one.kernels)
      table.push({
        ...{ part: "kernel", stage, name: row.name, short_name: row.shortName },
        ...{ category: row.category, role: row.role, launches: row.launches, key: row.id },
        ...{ total_us: row.totalUs, share_pct: row.sharePct, avg_us: row.avgUs },
        ...{ min_us: row.minUs, median_us: row.medianUs, p10_us: row.p10Us, p90_us: row.p90Us },
        ...{ per_step_us: row.perStep?.us ?? null, source: row.sites[0]?.location ?? null },
      });
    for (const row of one.layers?.template ?? [])
      table.push({
        ...{ part: "layer", stage, position: row.position, name: row.kernel, role: row.role },
        ...{ short_name: row.shortName, category: row.category, launches: row.launches },
        ...{ avg_us: row.avgUs, median_us: row.medianUs, p10_us: row.p10Us, p90_us: row.p90Us },
        ...{ source: row.location },
      });
    for (const { part, reason, what, us, pct } of one.ledger)
      table.push({
        ...{ part: "ledger", stage, category: part, state: reason, name: what },
        ...{ total_us: us, share_pct: pct },
      });
    for (const row of one.fuse)
      table.push({
        ...{ part: "fuse", stage, name: row.rule, state: row.state, value: row.title },
        ...{ total_us: row.relatedUs, share_pct: row.sharePct },
        ...{ saves_us: row.saves.kernelUs + row.saves.gapUs },
      });
    for (const row of one.overlap)
      table.push({
        ...{ part: "overlap", stage, name: row.kernel, category: row.category, key: row.rule },
        ...{ state: row.verdict, total_us: row.totalUs, share_pct: row.sharePct },
        ...{ saves_us: row.saveAtMostUs },
      });
  }
  for (const { id, kind, stage, title, saves } of draft.actions)
    table.push({
      ...{ part: "action", stage, name: id, category: kind, value: title },
      ...{ share_pct: saves.pctOfStep, saves_us: saves.kernelUs + saves.gapUs },
    });
  for (const { stage, facts: own } of facts)
    for (const [name, { value, from }] of Object.entries(own))
      table.push({ part: "fact", stage, name, value: String(value), source: from });
}

type Stage = ReportDraft["stages"][number];

/** One row for each stage: how many steps it has and what one takes. */
function writeStage(stage: string, own: Omit<Stage, "stage">, table: ColumnTable): void {
  const { steps, stepTimes, timeline } = own;
  table.push({
    ...{ part: "stage", stage, launches: steps, total_us: timeline.totalUs },
    ...{ median_us: stepTimes?.duration.medianUs ?? null },
    ...{ p10_us: stepTimes?.duration.p10Us ?? null, p90_us: stepTimes?.duration.p90Us ?? null },
    deviation_us: stepTimes?.deviation.duration ?? null,
  });
}
