import type { StageReport } from "../../../model/contracts/report.ts";
import type { RenderOptions } from "../../renderer.ts";
import type { Table } from "../../table.ts";
import { fuseTable } from "./fuse-table.ts";
import { kernelTable } from "./kernel-table.ts";
import { overlapTable } from "./overlap-table.ts";
import { workTable } from "./work-table.ts";

/** The three tables of a stage, in the order every format shows them. */
export function stageTables(
  stage: StageReport,
  { limits, order, byShape }: Pick<RenderOptions, "limits" | "order" | "byShape">,
): readonly Table[] {
  return [
    kernelTable(stage, limits.kernels, order),
    ...(byShape ? [workTable(stage, limits.kernels, order)] : []),
    overlapTable(stage, limits.overlap),
    fuseTable(stage, limits.fuse),
  ];
}
