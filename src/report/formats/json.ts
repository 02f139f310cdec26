import { toContract } from "../contract.ts";
import { inertJson } from "../inert.ts";
import type { Renderer } from "../renderer.ts";

/** The report contract itself; `references/report.schema.json` describes it. Limits do not apply. */
export const renderJson: Renderer = (report) =>
  `${inertJson(JSON.stringify(toContract(report), null, 2))}\n`;
