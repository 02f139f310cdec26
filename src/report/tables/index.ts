import type { StageReport } from "../../model/report.ts";
import type { TableLimits } from "../renderer.ts";
import type { Table } from "../table.ts";
import { fuseTable } from "./fuse-table.ts";
import { kernelTable } from "./kernel-table.ts";
import { overlapTable } from "./overlap-table.ts";

/** The three tables of a stage, in the order every format shows them. */
export function stageTables(stage: StageReport, limits: TableLimits): readonly Table[] {
  return [
    kernelTable(stage, limits.kernels),
    overlapTable(stage, limits.overlap),
    fuseTable(stage, limits.fuse),
  ];
}
