import { expect, test } from "vitest";
import type {
  KernelExplanation,
  RowExplanation,
} from "../../../src/model/contracts/row-explanation.ts";
import { EXPLANATION_FORMATS } from "../../../src/report/explanation/document.ts";

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
  named: [{ what: "category", answer: HOSTILE, class: HOSTILE, because: HOSTILE, launches: 1 }],
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
  findings: [{ rule: HOSTILE, title: HOSTILE, state: HOSTILE, occurrences: 1, launches: 1 }],
  overlap: null,
};
const explanation: RowExplanation = {
  schemaVersion: 1,
  row: HOSTILE,
  kernels: [kernel],
  rules: [],
  actions: [],
};

test("hostile names are inert in every format", () => {
  for (const render of Object.values(EXPLANATION_FORMATS)) {
    const out = render(explanation, { width: 100, color: false });
    expect(out.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(out).not.toMatch(/^# x/m);
    expect(out.endsWith("\n")).toBe(true);
  }
  expect(EXPLANATION_FORMATS.markdown(explanation, { width: 100, color: false })).not.toContain(
    "</b>",
  );
});

test("JSON gives back what went in, shares rounded", () => {
  const out = JSON.parse(EXPLANATION_FORMATS.json(explanation, { width: 100, color: false }));
  expect(out.kernels[0]).toEqual({ ...kernel, sharePct: 33.3333 });
});

test("an overlap with the neighbour reads as one", () => {
  const out = EXPLANATION_FORMATS.text(explanation, { width: 200, color: false });
  expect(out).toMatch(/typical gap -0\.50.µs \(they overlap\)/);
});
