import type { StageView } from "../stage-view.ts";
import { buildChainNet } from "./automaton.ts";
import type { ChainPlan } from "./chain-plan.ts";
import { LazyDfa } from "./lazy-dfa.ts";

/**
 * Positions where a match of each chain may start, ascending: one automaton for all chains reads
 * every lane once, last kernel first. Gaps, steps and conditions are not its business, so the
 * matcher still has to look at each.
 *
 * @param cells size of the automaton's table, for tests that want it to overflow.
 */
export function chainStarts(
  plans: readonly ChainPlan[],
  view: StageView,
  cells?: number,
): readonly (readonly number[])[] {
  const starts: number[][] = plans.map(() => []);
  if (plans.length === 0) return starts;
  const { lanes, letters } = view;
  const dfa = new LazyDfa(buildChainNet(plans, letters), letters.count, cells);
  for (let lane = lanes.starts.length - 2; lane >= 0; lane--) {
    let state = dfa.start;
    for (let at = lanes.starts[lane + 1]! - 1; at >= lanes.starts[lane]!; at--) {
      state = dfa.step(state, lanes.letters[at]!);
      for (const pattern of dfa.accepts(state)) starts[pattern]!.push(at);
    }
  }
  for (const list of starts) list.reverse();
  return starts;
}
