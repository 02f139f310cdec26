import type { ChainPattern, Link, Pattern, PatternStep, StatePattern } from "../../model/rule.ts";
import { conditionText, durationText, shareText } from "../../model/rule-text.ts";
import { replaced } from "./mutant.ts";

type Changed<T> = readonly [change: string, to: T];

/** Changes of one state pattern: what it looks for, how close, how often, under which conditions. */
export function stateMutants(state: StatePattern): readonly Changed<StatePattern>[] {
  const { min } = state.repeat;
  return [
    ...patternMutants(state.pattern).map(
      ([change, pattern]): Changed<StatePattern> => [change, { ...state, pattern }],
    ),
    ...(min > 1 ? [repeatOf(state, min - 1)] : []),
    repeatOf(state, min + 1),
    ...state.where.flatMap((condition, index): Changed<StatePattern>[] => {
      const flipped = { ...condition, equal: !condition.equal };
      return [
        [
          `drop ${conditionText(condition)}`,
          { ...state, where: replaced(state.where, index, null) },
        ],
        [
          `negate ${conditionText(condition)}`,
          { ...state, where: replaced(state.where, index, flipped) },
        ],
      ];
    }),
  ];
}

function repeatOf(state: StatePattern, min: number): Changed<StatePattern> {
  return [`repeat ${state.repeat.min} -> ${min}`, { ...state, repeat: { ...state.repeat, min } }];
}

function patternMutants(pattern: Pattern): readonly Changed<Pattern>[] {
  switch (pattern.kind) {
    case "chain":
      return chainMutants(pattern);
    case "any-order": {
      const { within, steps } = pattern;
      return [
        [`within ${within} -> ${within + 1}`, { ...pattern, within: within + 1 }],
        [`within ${within} -> ${within - 1}`, { ...pattern, within: within - 1 }],
        ...(steps.length < 2
          ? []
          : steps.map(
              (step, i): Changed<Pattern> => [
                `drop step ${stepName(step, i)}`,
                { ...pattern, steps: replaced(steps, i, null) },
              ],
            )),
      ];
    }
    case "overlap": {
      const { minShare } = pattern;
      const share = (to: number): Changed<Pattern> => [
        `share ${shareText(minShare)} -> ${shareText(to)}`,
        { ...pattern, minShare: to },
      ];
      return minShare > 0 ? [share(0), share(Math.min(1, 2 * minShare))] : [share(0.5)];
    }
  }
}

function chainMutants(pattern: ChainPattern): readonly Changed<Pattern>[] {
  const { steps, links } = pattern;
  return [
    ...links.flatMap((link, index) =>
      linkMutants(link).map(
        ([change, changed]): Changed<Pattern> => [
          `link ${index + 1}: ${change}`,
          { ...pattern, links: replaced(links, index, changed) },
        ],
      ),
    ),
    ...(steps.length < 2 ? [] : steps.map((step, index) => dropStep(pattern, step, index))),
    ...steps.slice(1).flatMap((step, index) => swapSteps(pattern, step, index)),
    ...steps.flatMap((step, index) =>
      quantifierMutants(step).map(
        ([change, changed]): Changed<Pattern> => [
          `step ${stepName(step, index)}: ${change}`,
          { ...pattern, steps: replaced(steps, index, changed) },
        ],
      ),
    ),
  ];
}

function linkMutants(link: Link): readonly Changed<Link>[] {
  const { skip, gap, without, past } = link;
  return [
    [`skip ${skip} -> ${skip + 1}`, { ...link, skip: skip + 1 }],
    ...(skip > 0 ? [[`skip ${skip} -> ${skip - 1}`, { ...link, skip: skip - 1 }] as const] : []),
    ...(gap === null ? [] : gapMutants(link, gap)),
    ...(without.length > 0 ? [["drop without", { ...link, without: [] }] as const] : []),
    ...(past.length > 0 ? [["drop past", { ...link, past: [] }] as const] : []),
  ];
}

function gapMutants(link: Link, gap: number): readonly Changed<Link>[] {
  const to = (changed: number): Changed<Link> => [
    `gap ${durationText(gap)} -> ${durationText(changed)}`,
    { ...link, gap: changed },
  ];
  return [to(2 * gap), to(Math.floor(gap / 2)), ["drop gap", { ...link, gap: null }]];
}

/** The link into the dropped step goes with it; the first step's loss takes the link behind it. */
function dropStep(pattern: ChainPattern, step: PatternStep, index: number): Changed<Pattern> {
  const { steps, links } = pattern;
  const changed = {
    ...pattern,
    steps: replaced(steps, index, null),
    links: replaced(links, Math.max(0, index - 1), null),
  };
  return [`drop step ${stepName(step, index)}`, changed];
}

/** Swapping steps of one class changes nothing. */
function swapSteps(pattern: ChainPattern, later: PatternStep, index: number): Changed<Pattern>[] {
  const earlier = pattern.steps[index]!;
  if (earlier.class === later.class) return [];
  const steps = pattern.steps.with(index, later).with(index + 1, earlier);
  const names = `${stepName(earlier, index)} and ${stepName(later, index + 1)}`;
  return [[`swap ${names}`, { ...pattern, steps }]];
}

function quantifierMutants(step: PatternStep): readonly Changed<PatternStep>[] {
  const { min, max } = step;
  return [
    ...(min === 0 ? [["required", { ...step, min: 1 }] as const] : []),
    ...(max > Math.max(1, min) ? [[`at most ${max - 1}`, { ...step, max: max - 1 }] as const] : []),
  ];
}

function stepName(step: PatternStep, index: number): string {
  return step.capture ?? `${index + 1}`;
}
