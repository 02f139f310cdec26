import type { ActionExplanation } from "../../model/contracts/row-explanation.ts";
import { STAGE_TITLE } from "../../model/framework.ts";
import { type Block, facts, innerTable, section } from "../document/block.ts";
import { count, share, timeInWords, timesInWords } from "../numbers.ts";
import { type Cell, cell, span } from "../table.ts";
import { PART_TITLE } from "../triage/tables/ledger-table.ts";
import { sourceLine } from "../triage/tables/sources.ts";

/** Everything about one action, for people. */
export function actionSection(explained: ActionExplanation): readonly Block[] {
  const { action, path } = explained;
  return section(
    [span(`${action.id}: ${STAGE_TITLE[action.stage]}, ${path}`)],
    ...head(explained),
    ...kernelTable(explained),
    ...launchTable(explained),
    ...idleTable(explained),
  );
}

function head({ action, stepUs, afterUs }: ActionExplanation): readonly Block[] {
  const { kernelUs, gapUs, pctOfStep } = action.saves;
  const time = timesInWords(kernelUs + gapUs);
  const then = action.after === null ? "" : ", once the host keeps up";
  const text = (words: string | null): Cell =>
    words === null || words === "" ? [] : cell(span(words));
  return facts(
    ["what", text(action.title)],
    ["do", text(action.do)],
    [
      "saves",
      text(
        `at most ${time(kernelUs + gapUs)} (${share(pctOfStep)} of the step): ${time(kernelUs)} of kernels, ${time(gapUs)} of idle time${then}`,
      ),
    ],
    ["after", action.after === null ? [] : cell(span(action.after, "code"))],
    [
      "step",
      text(
        `${timeInWords(stepUs)} as recorded, ${timeInWords(afterUs)} ${action.after === null ? "re-timed" : "without what this saves then"}`,
      ),
    ],
    ["proof", text(action.proof)],
    ["assuming", text(action.assuming.join(", "))],
    ["switch", action.toggle === null ? [] : cell(span(action.toggle, "code"))],
    ["rule", action.rule === null ? [] : cell(span(action.rule, "code"))],
    ["at", action.where.map((place) => [span(place, "code")])],
    ["source", action.sources.map(sourceLine)],
  );
}

function kernelTable({ kernels }: ActionExplanation): readonly Block[] {
  if (kernels.length === 0) return [];
  return section(
    [span("Kernels that go or become shorter")],
    innerTable(
      [
        ["Kernel", "left"],
        ["Id", "left"],
        ["Launches", "right"],
        ["GPU time", "right"],
      ],
      kernels.map(({ id, shortName, launches, totalUs }) => [
        cell(span(shortName, "code")),
        cell(span(id, "dim")),
        cell(span(count(launches))),
        cell(span(timeInWords(totalUs))),
      ]),
    ),
  );
}

function launchTable({ launches, launchCount }: ActionExplanation): readonly Block[] {
  if (launches.length === 0) return [];
  const more = launches.length < launchCount ? ` of ${count(launchCount)} (--limit)` : "";
  return section(
    [span(`Launches: the first ${count(launches.length)}${more}`)],
    innerTable(
      [
        ["Start", "right"],
        ["Takes", "right"],
        ["Kernel", "left"],
      ],
      launches.map(({ startUs, durUs, kernel }) => [
        cell(span(`${(startUs / 1000).toFixed(3)} ms`)),
        cell(span(timeInWords(durUs))),
        cell(span(kernel, "code")),
      ]),
    ),
  );
}

function idleTable({ idle }: ActionExplanation): readonly Block[] {
  if (idle.length === 0) return [];
  return section(
    [span("Idle time of the step")],
    innerTable(
      [
        ["Part", "left"],
        ["Time", "right"],
        ["Share", "right"],
        ["What", "left"],
      ],
      idle.map(({ part, us, pct, what, note }) => [
        cell(span(PART_TITLE[part])),
        cell(span(timeInWords(us))),
        cell(span(share(pct))),
        [[span(what ?? "")], [span(note ?? "", "dim")]],
      ]),
    ),
  );
}
