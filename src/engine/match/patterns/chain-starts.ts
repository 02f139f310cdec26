import type { Letters } from "../classes/letters.ts";
import type { Lanes } from "../lanes.ts";
import { buildChainNet } from "./automaton.ts";
import type { ChainPlan } from "./chain-plan.ts";
import { LazyDfa } from "./lazy-dfa.ts";

/** One automaton for all chains; it reads any number of stages in the same letters. */
export type ChainReader = (lanes: Lanes) => readonly (readonly number[])[];

/**
 * Tells the positions of a stage where a match of each chain may start, ascending: the automaton
 * reads every lane once, last kernel first. Gaps, steps and conditions are not its business, so the
 * matcher still has to look at each.
 *
 * @param cells size of the automaton's table, for tests that want it to overflow.
 */
export function chainReader(
  plans: readonly ChainPlan[],
  letters: Letters,
  cells?: number,
): ChainReader {
  if (plans.length === 0) return () => [];
  const dfa = new LazyDfa(buildChainNet(plans, letters), letters.count, cells);
  return (lanes) => {
    const starts: number[][] = plans.map(() => []);
    for (let lane = lanes.starts.length - 2; lane >= 0; lane--) {
      let state = dfa.start;
      for (let at = lanes.starts[lane + 1]! - 1; at >= lanes.starts[lane]!; at--) {
        state = dfa.step(state, lanes.letters[at]!);
        for (const pattern of dfa.accepts(state)) starts[pattern]!.push(at);
      }
    }
    for (const list of starts) list.reverse();
    return starts;
  };
}
