import type { KernelLimit } from "../../../model/contracts/work-row.ts";
import { share } from "../../numbers.ts";
import { type Span, span } from "../../table.ts";

/** So much nearer to the limit the median call is where a few slow ones make the figure. */
const UNUSUAL = 1.1;

/**
 * "57% memory", "≥ 12% memory" where the figure is only a bound; above 100 a contradiction, marked and
 * never cut; "–" where the GPU is not known.
 */
export function limitSpan({
  pctOfLimit,
  boundBy,
  atLeast,
  usualPctOfLimit,
}: Pick<KernelLimit, "pctOfLimit" | "boundBy" | "atLeast" | "usualPctOfLimit">): Span {
  if (pctOfLimit === null) return span("–", "dim");
  const over = pctOfLimit > 100;
  const pct = over ? `${pctOfLimit.toFixed(0)}%!` : share(pctOfLimit);
  const isSkewed =
    !over &&
    usualPctOfLimit !== null &&
    usualPctOfLimit > UNUSUAL * pctOfLimit &&
    usualPctOfLimit <= 100;
  const usual = isSkewed ? `, usually ${share(usualPctOfLimit)}` : "";
  return span(`${atLeast ? "≥ " : ""}${pct} ${boundBy}${usual}`, over ? "warn" : "plain");
}

/** Three digits that matter. */
export function rateText(value: number): string {
  if (value === 0) return "0";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);
}
