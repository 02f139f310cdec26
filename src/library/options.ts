import { bundledRules } from "../base/files/bundled-rules.ts";
import { type AnalyzeOptions, DEFAULT_ANALYZE_OPTIONS } from "../model/options.ts";

/** One path or several: of a trace file, or of a folder of traces. */
export type Paths = string | readonly string[];

/**
 * How traces are read and judged. All may be left out; what is null or left out is found out.
 * `mapping` lends its Python sites to graph replays of the traces named.
 */
export interface TriageOptions
  extends Partial<
    Omit<AnalyzeOptions, "inputs" | "formal" | "mapping" | "rulesPath" | "allRanks">
  > {
  readonly mapping?: Paths;
  /** Folder of `.fuse` rules; left out, the rules of the package. */
  readonly rules?: string | null;
  /** A report for each rank instead of the lowest's. */
  readonly allRanks?: boolean;
}

/** With everything filled in that was left out. */
export function analysisOf(paths: Paths, options: TriageOptions): AnalyzeOptions {
  const { mapping = [], rules, ...given } = options;
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  const lent = listOf(mapping);
  const named = listOf(paths);
  return {
    ...DEFAULT_ANALYZE_OPTIONS,
    ...Object.fromEntries(stated),
    // With a mapping trace the traces named are the formal ones.
    inputs: lent.length === 0 ? named : [],
    formal: lent.length === 0 ? [] : named,
    mapping: lent,
    rulesPath: rules ?? bundledRules(),
  };
}

export function listOf(paths: Paths): readonly string[] {
  return typeof paths === "string" ? [paths] : paths;
}
