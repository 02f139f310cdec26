import type { RanksReport } from "../../model/contracts/ranks.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, list, section, table } from "../document/block.ts";
import { formatsOf } from "../document/formats.ts";
import { count } from "../numbers.ts";
import { type Line, span } from "../table.ts";
import { rankMap } from "./rank-map.ts";
import { ranksTables } from "./tables.ts";

/** Every format of `triage ranks`. */
export const RANKS_FORMATS = formatsOf("ranks", ranksDocument);

function ranksDocument(report: RanksReport): readonly Block[] {
  const { tool, ranks, stages, remarks, summary } = report;
  return [
    { kind: "title", text: `${tool.name} ${tool.version}: ranks side by side` },
    ...list(...traceLines(ranks)),
    { kind: "summary", text: summary },
    ...stages.flatMap((stage) =>
      section(
        [span(STAGE_TITLE[stage.stage])],
        ...ranksTables(stage).map(table),
        ...rankMap(stage),
      ),
    ),
    ...section(
      [span("Remarks")],
      ...list(...remarks.map(({ code, message }) => [span(`${code}: `, "dim"), span(message)])),
    ),
  ];
}

/** Of many ranks what is not as the others. */
const MOST_TRACES = 32;

function traceLines(ranks: RanksReport["ranks"]): readonly Line[] {
  if (ranks.length <= MOST_TRACES) return ranks.map(traceLine);
  const odd = ranks.filter(({ state }) => state !== "complete");
  const whole = ranks.length - odd.length;
  return [
    [span(`${count(ranks.length)} ranks, ${count(whole)} of them complete`)],
    ...odd.map(traceLine),
  ];
}

function traceLine({ label, paths, state }: RanksReport["ranks"][number]): Line {
  return [
    span(`rank ${label}: `, "dim"),
    span(paths.join(", ")),
    ...(state === "complete" ? [] : [span(` (${state})`, "warn")]),
  ];
}
