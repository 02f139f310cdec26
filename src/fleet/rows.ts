import type { Combo } from "../model/contracts/fleet.ts";
import type { Microseconds } from "../model/trace/units.ts";

interface OfBuild extends Combo {
  readonly build: string;
}

/** What {@link FLEET_QUERIES} answer. */
export interface FleetRows {
  readonly builds: readonly {
    readonly build: string;
    readonly digests: number;
    readonly rules: readonly string[];
  }[];
  readonly stages: readonly (OfBuild & {
    readonly digests: number;
    readonly stepUs: Microseconds | null;
  })[];
  readonly facts: readonly (OfBuild & { readonly name: string; readonly value: string })[];
  readonly states: readonly (OfBuild & { readonly rule: string; readonly state: string })[];
  readonly kernels: readonly KernelRow[];
  /** The largest action of each digest that has one. */
  readonly actions: readonly (OfBuild & {
    readonly pct: number;
    /** Of a step. */
    readonly us: Microseconds;
    readonly action: string;
  })[];
  readonly ledger: readonly (OfBuild & { readonly part: string; readonly pct: number })[];
}

/** A kernel of a build over its digests. */
export interface KernelRow extends OfBuild {
  readonly name: string;
  readonly short: string;
  readonly launches: number;
  readonly avg: Microseconds;
  readonly median: Microseconds;
  readonly p10: Microseconds;
  readonly p90: Microseconds;
  /** Quarter and three quarters of the digests' own medians; of fewer than four all. */
  readonly low: Microseconds;
  readonly high: Microseconds;
  readonly perStep: number | null;
}

const COMBO = "build, model, gpu, framework, stage";

/** Over the table `rows`: one row for each row of every digest. */
export const FLEET_QUERIES: Readonly<Record<keyof FleetRows, string>> = {
  builds: `SELECT build, count(DISTINCT file)::INT AS digests,
    list_sort(list(DISTINCT rules_digest)) AS rules
    FROM rows WHERE part = 'document' GROUP BY build`,
  stages: `SELECT ${COMBO}, count(DISTINCT file)::INT AS digests, median(median_us) AS "stepUs"
    FROM rows WHERE part = 'stage' GROUP BY ALL ORDER BY ALL`,
  facts: `SELECT ${COMBO}, name, string_agg(DISTINCT value, ', ' ORDER BY value) AS value
    FROM rows WHERE part = 'fact' AND name NOT IN ('stage', 'model', 'framework')
    GROUP BY ALL ORDER BY ALL`,
  states: `SELECT ${COMBO}, name AS rule, string_agg(DISTINCT state, ' and ' ORDER BY state) AS state
    FROM rows WHERE part = 'fuse' GROUP BY ALL ORDER BY ALL`,
  kernels: `SELECT ${COMBO}, name, min(short_name) AS short, sum(launches)::DOUBLE AS launches,
    sum(total_us) / sum(launches) AS avg, median(median_us) AS median,
    median(p10_us) AS p10, median(p90_us) AS p90,
    quantile_disc(median_us, 0.25) AS low, quantile_disc(median_us, 0.75) AS high,
    median(per_step_us / nullif(avg_us, 0)) AS "perStep"
    FROM rows WHERE part = 'kernel' AND launches > 0 GROUP BY ${COMBO}, name ORDER BY ALL`,
  actions: `SELECT ${COMBO}, max(share_pct) AS pct, arg_max(value, share_pct) AS action,
    arg_max(saves_us / greatest(coalesce(steps, 1), 1), share_pct) AS us
    FROM rows JOIN (SELECT file, stage, max(launches) AS steps
      FROM rows WHERE part = 'stage' GROUP BY ALL) USING (file, stage)
    WHERE part = 'action' AND share_pct IS NOT NULL
    GROUP BY file, ${COMBO} ORDER BY ALL`,
  ledger: `SELECT ${COMBO}, part, avg(pct) AS pct FROM (
    SELECT file, ${COMBO}, CASE WHEN category IN ('compute', 'communication', 'copies')
      THEN category ELSE 'idle' END AS part, sum(share_pct) AS pct
    FROM rows WHERE rows.part = 'ledger' AND category <> 'hole' GROUP BY ALL)
    GROUP BY ALL ORDER BY ALL`,
};
