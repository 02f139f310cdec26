import { expect, test } from "vitest";
import {
  EXPLANATION_VERSION,
  type KernelExplanation,
  type RowExplanation,
} from "../../../src/model/contracts/row-explanation.ts";
import {
  RULE_EXPLANATION_VERSION,
  type RuleExplanation,
} from "../../../src/model/contracts/rule-explanation.ts";
import {
  EXPLANATION_FORMATS,
  RULE_EXPLANATION_FORMATS,
} from "../../../src/report/explanation/document.ts";

const HOSTILE = 'k<\u001b[31m"|`\u202e</b>\ud800\n# x>';

const kernel: KernelExplanation = {
  path: HOSTILE,
  stage: "decode",
  name: HOSTILE,
  shortName: HOSTILE,
  rawNames: [HOSTILE],
  totalUs: 12.345,
  sharePct: 33.333333,
  launches: 1,
  named: [
    {
      what: "category",
      answer: HOSTILE,
      from: "class",
      class: HOSTILE,
      because: HOSTILE,
      launches: 1,
    },
  ],
  durations: { minUs: 1, p10Us: 1, medianUs: 1, p90Us: 1, p99Us: 1, maxUs: 1, histogram: [] },
  streams: [{ device: 0, stream: HOSTILE, launches: 1, totalUs: 12.345 }],
  firstStartUs: 0,
  lastStartUs: 0,
  launchApis: [{ api: HOSTILE, launches: 1 }],
  dims: [{ dims: HOSTILE, launches: 1 }],
  layerPositions: [{ position: 1, period: 2, launches: 1, layers: 1 }],
  outsideLayers: 0,
  sites: [
    {
      location: HOSTILE,
      function: HOSTILE,
      module: HOSTILE,
      modulePath: HOSTILE,
      cpuOp: HOSTILE,
      topOp: null,
      shapes: HOSTILE,
      types: null,
      via: "direct",
      launches: 1,
      totalUs: 12.345,
      stack: [{ text: HOSTILE, isShown: true, why: "shown" }],
    },
  ],
  before: [{ kernel: HOSTILE, times: 1, medianGapUs: -0.5 }],
  after: [{ kernel: null, times: 1, medianGapUs: null }],
  beside: [{ kernel: HOSTILE, stream: HOSTILE, times: 1, sharedUs: 1 }],
  actions: [{ id: HOSTILE, title: HOSTILE, savesUs: 1 }],
  findings: [{ rule: HOSTILE, title: HOSTILE, state: HOSTILE, occurrences: 1, launches: 1 }],
  overlap: null,
  work: [],
};
const explanation: RowExplanation = {
  schemaVersion: EXPLANATION_VERSION,
  row: HOSTILE,
  kernels: [kernel],
  rules: [],
  actions: [],
};

const placed = {
  step: HOSTILE,
  kernel: HOSTILE,
  startUs: 1.5,
  us: 2.25,
  stream: HOSTILE,
  location: HOSTILE,
};
const ruleExplanation: RuleExplanation = {
  schemaVersion: RULE_EXPLANATION_VERSION,
  rule: HOSTILE,
  title: HOSTILE,
  file: HOSTILE,
  stages: [
    {
      path: HOSTILE,
      stage: "decode",
      state: "below-threshold",
      underlying: "split",
      blockedBy: null,
      failure: null,
      assuming: [HOSTILE],
      counts: { active: 0, partial: 1, split: 2 },
      guards: [{ text: HOSTILE, line: 1, truth: "unknown", value: HOSTILE, from: HOSTILE }],
      patterns: [
        {
          state: "split",
          line: 3,
          text: HOSTILE,
          repeatMin: 4,
          foreign: 0,
          steps: [{ step: HOSTILE, kernels: 2, names: [{ kernel: HOSTILE, launches: 2 }] }],
          found: 2,
          counted: 0,
          nearest: [
            {
              reached: 1,
              line: null,
              wanted: HOSTILE,
              saw: HOSTILE,
              times: 1,
              kernels: [placed, { ...placed, step: null, location: null }],
            },
          ],
        },
      ],
    },
  ],
};

const options = { width: 100, color: false };
const renderings = [
  ...Object.entries(EXPLANATION_FORMATS).map(([name, of]) => [name, of(explanation, options)]),
  ...Object.entries(RULE_EXPLANATION_FORMATS).map(([name, of]) => [
    `rules explain: ${name}`,
    of(ruleExplanation, options),
  ]),
] as const;

test.each(renderings)("hostile names are inert in %s", (name, out) => {
  expect(out!.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  if (name!.endsWith("markdown")) expect(out).not.toMatch(/^# x/m);
  expect(out!.endsWith("\n")).toBe(true);
  if (name!.endsWith("markdown")) expect(out).not.toContain("</b>");
});

test("a rule's explanation reads from the answer to the kernels", () => {
  const out = RULE_EXPLANATION_FORMATS.text(ruleExplanation, { width: 160, color: false });
  expect(out).toContain("below-threshold (split, but below the report share)");
  expect(out).toContain("found 2 times, 0 of them counted (repeat >= 4).");
  expect(out).toMatch(/×1 stopped after 1 of 1 steps by /);
  expect(out).toMatch(/between .*1\.50.µs/);
  const blocked = {
    ...ruleExplanation.stages[0]!,
    state: "not-applicable",
    blockedBy: "tp",
  } as const;
  const page = { ...ruleExplanation, stages: [blocked] };
  expect(RULE_EXPLANATION_FORMATS.text(page, options)).toContain("read as if it held");
});

test("JSON gives back what went in, shares rounded", () => {
  const out = JSON.parse(EXPLANATION_FORMATS.json(explanation, { width: 100, color: false }));
  expect(out.kernels[0]).toEqual({ ...kernel, sharePct: 33.3333 });
});

test("an overlap with the neighbour reads as one", () => {
  const out = EXPLANATION_FORMATS.text(explanation, { width: 200, color: false });
  expect(out).toMatch(/typical gap -0\.50.µs \(they overlap\)/);
});
