import { toolVersion } from "../src/base/version.ts";
import { type ManualPage, manualPages } from "../src/cli/completion/man.ts";
import { tableOf } from "../src/cli/completion/tables.ts";
import { RULES } from "../src/cli/rules/program.ts";
import { TRIAGE } from "../src/cli/triage/program.ts";

/** The manual of both programs. */
export async function allManualPages(): Promise<readonly ManualPage[]> {
  const tables = await Promise.all([TRIAGE, RULES].map(tableOf));
  return tables.flatMap((table) => manualPages(table, toolVersion().version));
}
