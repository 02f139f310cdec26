import { type Letters, letterInClass } from "../classes/letters.ts";
import type { ChainPlan, PlanLink, PlanStep } from "./chain-plan.ts";
import { BARE_LINK } from "./chain-plan.ts";

/**
 * All chains of a stage as one nondeterministic automaton that reads a lane backwards, from the
 * last kernel to the first. Backwards because then its accepts are the places where matches
 * *start*, in the order leftmost matching needs them. It knows classes, skips, `past` and
 * `without`; gaps, steps, conditions and claims are left to the matcher that looks at the accepts.
 */
export interface ChainNet {
  /** Nodes entered from nothing, per letter: the last kernel of some chain. */
  inject(letter: number): readonly number[];
  /** Nodes reached from `node` by the letter of the kernel before it; appended to `into`. */
  advance(node: number, letter: number, into: number[]): void;
  /** Pattern whose first kernel this node is; -1 for others. */
  accepts(node: number): number;
  /** Number of a less permissive twin's family: of nodes with equal family only the least survives. */
  family(node: number): number;
}

/** Kernel `k` (1-based) of a step: nodes of the first sort. */
interface Element {
  readonly pattern: number;
  readonly bit: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** What may stand before it. */
  readonly before: { readonly from: number; readonly link: PlanLink; readonly waiting: number }[];
}

/** "Link waits for its earlier kernel, `skipped` unrelated ones seen": nodes of the second sort. */
interface Waiting {
  readonly from: number;
  readonly link: PlanLink;
  readonly skipped: number;
  readonly family: number;
}

export function buildChainNet(plans: readonly ChainPlan[], letters: Letters): ChainNet {
  const elements: Element[] = [];
  const waits: Waiting[] = [];
  for (const [pattern, plan] of plans.entries()) addElements(pattern, plan, elements, waits);
  return netOf(elements, waits, letters);
}

function addElements(
  pattern: number,
  plan: ChainPlan,
  elements: Element[],
  waits: Waiting[],
): void {
  const { steps } = plan;
  const firstOf = new Map<number, number>();
  for (const [index, step] of steps.entries()) {
    firstOf.set(index, elements.length);
    for (let k = 1; k <= step.max; k++)
      elements.push({
        pattern,
        bit: step.bit,
        isFirst: k === 1 && plan.optional(0, index),
        isLast: mayEndAt(step, k) && plan.optional(index + 1, steps.length),
        before: [],
      });
  }
  const connect = (to: number, from: number, link: PlanLink): void => {
    elements[to]!.before.push({ from, link, waiting: waits.length });
    const most = link.past.length > 0 || link.skip > 0 ? link.skip : -1;
    const family = waits.length;
    for (let skipped = 0; skipped <= most; skipped++) waits.push({ from, link, skipped, family });
  };
  for (const [index, step] of steps.entries()) {
    const first = firstOf.get(index)!;
    for (let k = 2; k <= step.max; k++) connect(first + k - 1, first + k - 2, BARE_LINK);
    if (step.max < 1) continue;
    for (let earlier = index - 1; earlier >= 0; earlier--) {
      const link = plan.link(earlier, index);
      for (let k = 1; k <= steps[earlier]!.max; k++)
        if (mayEndAt(steps[earlier]!, k)) connect(first, firstOf.get(earlier)! + k - 1, link);
      if (steps[earlier]!.min > 0) break;
    }
  }
}

function mayEndAt(step: PlanStep, k: number): boolean {
  return k >= step.min;
}

function netOf(
  elements: readonly Element[],
  waits: readonly Waiting[],
  letters: Letters,
): ChainNet {
  const has = (letter: number, bit: number): boolean => letterInClass(letters, letter, bit);
  const lasts = elements.flatMap((element, node) => (element.isLast ? [node] : []));
  const injected: (readonly number[])[] = [];
  /** Reads the kernel before: it is the awaited one, or it stands between, or both are possible. */
  const step = (
    link: PlanLink,
    from: number,
    waiting: number,
    skipped: number,
    letter: number,
    into: number[],
  ): void => {
    if (has(letter, elements[from]!.bit)) into.push(from);
    if (link.without.some((bit) => has(letter, bit))) return;
    const node = elements.length + waiting;
    if (link.past.some((bit) => has(letter, bit))) into.push(node + skipped);
    else if (skipped < link.skip) into.push(node + skipped + 1);
  };
  return {
    inject(letter) {
      injected[letter] ??= lasts.filter((node) => has(letter, elements[node]!.bit));
      return injected[letter]!;
    },
    advance(node, letter, into) {
      const element = elements[node];
      if (element !== undefined) {
        for (const { from, link, waiting } of element.before)
          step(link, from, waiting, 0, letter, into);
        return;
      }
      const { from, link, skipped, family } = waits[node - elements.length]!;
      step(link, from, family, skipped, letter, into);
    },
    accepts: (node) => (elements[node]?.isFirst ? elements[node]!.pattern : -1),
    family: (node) =>
      node < elements.length ? node : elements.length + waits[node - elements.length]!.family,
  };
}
