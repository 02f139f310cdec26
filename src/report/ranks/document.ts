import type { RanksReport } from "../../model/contracts/ranks.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, list, section, table } from "../document/block.ts";
import { formatsOf } from "../document/formats.ts";
import { type Line, span } from "../table.ts";
import { ranksTables } from "./tables.ts";

/** Every format of `triage ranks`. */
export const RANKS_FORMATS = formatsOf("ranks", ranksDocument);

function ranksDocument(report: RanksReport): readonly Block[] {
  const { tool, ranks, stages, remarks, summary } = report;
  return [
    { kind: "title", text: `${tool.name} ${tool.version}: ranks side by side` },
    ...list(...ranks.map(traceLine)),
    { kind: "summary", text: summary },
    ...stages.flatMap((stage) =>
      section([span(STAGE_TITLE[stage.stage])], ...ranksTables(stage).map(table)),
    ),
    ...section(
      [span("Remarks")],
      ...list(...remarks.map(({ code, message }) => [span(`${code}: `, "dim"), span(message)])),
    ),
  ];
}

function traceLine({ label, paths, state }: RanksReport["ranks"][number]): Line {
  return [
    span(`rank ${label}: `, "dim"),
    span(paths.join(", ")),
    ...(state === "complete" ? [] : [span(` (${state})`, "warn")]),
  ];
}
