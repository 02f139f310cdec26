import { readdirSync } from "node:fs";
import { analyze } from "../../src/commands/triage.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { renderReports } from "../../src/report/render-reports.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../src/report/renderer.ts";

/** Where the reports of the bundled examples are kept, one Markdown file per example. */
export const VALIDATED_OUTPUTS = "references/validated_outputs";

/** Example folders, in order. */
export function exampleNames(): string[] {
  return readdirSync("examples", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** The Markdown report of one example, as the command prints it from the project's root. */
export async function exampleReport(name: string): Promise<string> {
  const root = `examples/${name}`;
  const inputs: Pick<AnalyzeOptions, "inputs" | "mapping" | "formal"> =
    name === "mapping-formal"
      ? { inputs: [], mapping: [`${root}/mapping`], formal: [`${root}/formal`] }
      : { inputs: [root], mapping: [], formal: [] };
  const { reports } = await analyze({ ...DEFAULT_ANALYZE_OPTIONS, ...inputs, rulesPath: "rules" });
  const text = renderReports(reports, "markdown", DEFAULT_RENDER_OPTIONS);
  // Number and digest change with every rule, whatever the example shows: not part of the comparison.
  return text.replace(/^- Rules: .*\n/gm, "");
}
