import type { FleetReport, LeftOnTable, StepHistory } from "../../model/contracts/fleet.ts";
import { type Block, innerTable, list, section, table } from "../document/block.ts";
import { formatsOf } from "../document/formats.ts";
import { counted, share, timeInWords } from "../numbers.ts";
import { cell, span } from "../table.ts";
import { comboInWords } from "./combo-cells.ts";
import { changeTable, flipTable, leftTable, slowerTable } from "./tables.ts";

/** Every format of `triage fleet`. */
export const FLEET_FORMATS = formatsOf("fleet", fleetDocument);

function fleetDocument(report: FleetReport): readonly Block[] {
  const { tool, builds, steps, left, damaged, summary } = report;
  return [
    { kind: "title", text: `${tool.name} ${tool.version}: fleet` },
    ...list(
      ...builds.map(({ build, digests, rules }) => [
        span(`${build}: `, "dim"),
        span(
          `${counted(digests, "digest")}, rules ${rules.map((it) => it.slice(0, 12)).join(", ")}`,
        ),
      ]),
    ),
    { kind: "summary", text: summary },
    table(flipTable(report)),
    table(slowerTable(report)),
    table(changeTable(report)),
    table(leftTable(report)),
    ...section([span("Where the time goes")], ...left.filter(hasParts).map(timeBar)),
    ...(builds.length > 1 ? section([span("Step times over builds")], stepMap(steps)) : []),
    ...section(
      [span("Damaged")],
      ...list(...damaged.map(({ path, problem }) => [span(`${path}: `, "bad"), span(problem)])),
    ),
  ];
}

function hasParts({ parts }: LeftOnTable): boolean {
  return parts.length > 0;
}

/** Class of the page's colour. */
const COLOURS: Readonly<Record<string, string>> = {
  compute: "gemm",
  communication: "comm",
  copies: "memory",
};

function timeBar(row: LeftOnTable): Block {
  return {
    kind: "bar",
    heading: comboInWords(row),
    parts: row.parts.map(({ part, pct }) => ({
      ...{ title: part, colour: COLOURS[part] ?? "idle-other", pct },
    })),
    table: {
      ...innerTable(
        [
          ["Part", "left"],
          ["Share", "right"],
        ],
        row.parts.map(({ part, pct }) => [cell(span(part)), cell(span(share(pct)))]),
      ).table,
      title: comboInWords(row),
    },
  };
}

/** Against the fastest build of each row. */
function stepMap(steps: readonly StepHistory[]): Block {
  const names = steps[0]?.builds.map(({ build }) => build) ?? [];
  const told = (us: number | null): string => (us === null ? "–" : timeInWords(us));
  return {
    kind: "heat",
    heading: "Median step; the darker the slower than the row's fastest build (full at +50%)",
    columns: names,
    rows: steps.map((one) => {
      const least = Math.min(...one.builds.flatMap(({ stepUs }) => stepUs ?? []));
      return {
        title: comboInWords(one),
        cells: one.builds.map(({ build, stepUs }) => ({
          level: stepUs === null ? null : Math.min(1, (stepUs / least - 1) / 0.5),
          title: `${build}: ${told(stepUs)}`,
        })),
      };
    }),
    table: innerTable(
      [["", "left"], ...names.map((name) => [name, "right"] as const)],
      steps.map((one) => [
        cell(span(comboInWords(one))),
        ...one.builds.map(({ stepUs }) => cell(span(told(stepUs)))),
      ]),
    ).table,
  };
}
