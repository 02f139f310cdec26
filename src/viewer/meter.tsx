import { share } from "../report/numbers.ts";

/** A share as a number and a bar behind it; `whole` is what fills the bar. */
export function Meter({ pct, whole = 100 }: { readonly pct: number; readonly whole?: number }) {
  return (
    <span class="meter">
      <span class="meter-bar" aria-hidden="true">
        <i style={{ width: `${Math.min(100, (100 * pct) / Math.max(whole, 0.01))}%` }} />
      </span>
      <span class="num">{share(pct)}</span>
    </span>
  );
}
