import type { StageReport } from "../../model/report.ts";
import type { RenderOptions } from "../renderer.ts";
import type { Table } from "../table.ts";
import { fuseTable } from "./fuse-table.ts";
import { kernelTable } from "./kernel-table.ts";
import { ledgerTable } from "./ledger-table.ts";
import { overlapTable } from "./overlap-table.ts";
import { workTable } from "./work-table.ts";

/** Where a stage's time goes and its three tables, in the order every format shows them. */
export function stageTables(
  stage: StageReport,
  { limits, order, byShape }: Pick<RenderOptions, "limits" | "order" | "byShape">,
): readonly Table[] {
  return [
    ledgerTable(stage),
    kernelTable(stage, limits.kernels, order),
    ...(byShape ? [workTable(stage, limits.kernels, order)] : []),
    overlapTable(stage, limits.overlap),
    fuseTable(stage, limits.fuse),
  ];
}
