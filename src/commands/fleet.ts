import { toolVersion } from "../base/version.ts";
import { changesOf, flipsOf } from "../fleet/changes.ts";
import { byBuild } from "../fleet/combo.ts";
import { leftOf, stepsOf } from "../fleet/left.ts";
import { FLEET_QUERIES, type FleetRows } from "../fleet/rows.ts";
import { slowerOf } from "../fleet/slower.ts";
import { FLEET_SCHEMA_VERSION, type FleetReport } from "../model/contracts/fleet.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import { askDuckdb } from "../pipeline/fleet/duckdb.ts";
import { openFleet } from "../pipeline/fleet/open-fleet.ts";
import { fleetSummary } from "../report/fleet/summary.ts";

/**
 * What the digests of a folder tell together.
 *
 * @throws {TriageError} where there is no whole digest, or no DuckDB
 */
export async function fleetOf(folder: string): Promise<FleetReport> {
  const { setup, damaged } = await openFleet(folder);
  const rows = (await askDuckdb(setup, FLEET_QUERIES)) as unknown as FleetRows;
  const builds = [...rows.builds].sort((a, b) => byBuild(a.build, b.build));
  const names = builds.map(({ build }) => build);
  const changes = changesOf(rows, names);
  const report = {
    schemaVersion: FLEET_SCHEMA_VERSION,
    tool: toolVersion(),
    ...{ builds, changes },
    flips: flipsOf(rows, changes),
    slower: slowerOf(rows, changes),
    left: leftOf(rows, names),
    steps: stepsOf(rows, names),
    damaged,
  } as const;
  return { ...report, summary: fleetSummary(report) };
}

/**
 * Rows of one query over the table `rows`: every row of every digest, with `file` and `build`.
 *
 * @throws {TriageError} fleet/sql for what DuckDB refuses
 */
export async function askFleet(
  folder: string,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { setup } = await openFleet(folder);
  try {
    const { answer } = await askDuckdb(setup, { answer: `${sql.replace(/;\s*$/, "")}\n` });
    return answer;
  } catch (error) {
    if (error instanceof TriageError) throw error;
    throw new TriageError({
      code: "fleet/sql",
      exit: EXIT.usage,
      message: `DuckDB refuses the query: ${(error as Error).message}`,
      hint: "One SELECT over the table rows; its columns are in docs/digests.md.",
      cause: error,
    });
  }
}
