import { expect, test } from "vitest";
import { buildKernelGraph } from "../../../src/engine/kernel-graph.ts";
import { layerReport, layerTemplate } from "../../../src/engine/layers/layer-template.ts";
import { kernelId } from "../../../src/engine/tables/kernel-id.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import { vocabularyOf } from "../../support/provisional-vocabulary.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";

const LAYER = ["norm", "qkv", "attention", "proj", "mlp"];

function templateOf(built: TraceBuilder) {
  const graph = buildKernelGraph(built.build(), {
    profile: vllm,
    ruleSet: vocabularyOf({}),
    stageHint: null,
  });
  const [stage] = graph.stages;
  return layerTemplate(graph, stage!, stage!.layers!);
}

test("every position tells its kernel, its times over the layers and the gap before it", () => {
  const built = trace();
  let at = 0;
  for (let layer = 0; layer < 5; layer++)
    for (const [position, name] of LAYER.entries()) {
      const odd = layer === 2 && position === 1;
      const us = 10 + layer;
      at += position === 3 ? 2 + layer : 0;
      built.kernel(odd ? "other_qkv" : name, { at, us }).launchedBy();
      at += us;
    }
  const template = templateOf(built);
  expect(template.map(({ position, kernel }) => [position, kernel])).toEqual([...LAYER.entries()]);
  expect(template[1]).toMatchObject({
    lane: "7",
    launches: 4,
    otherLaunches: 1,
    avgUs: 12,
    medianUs: 11,
    p10Us: 10,
    p90Us: 14,
    gapBefore: { medianUs: 0, p10Us: 0, p90Us: 0 },
  });
  expect(template[3]!.gapBefore).toEqual({ medianUs: 4, p10Us: 2, p90Us: 6 });
});

test("a kernel that starts before its predecessor ends has a gap below zero", () => {
  const built = trace();
  let at = 0;
  for (let layer = 0; layer < 4; layer++)
    for (const name of LAYER) {
      built.kernel(name, { at, us: 10 }).launchedBy();
      built.kernel("side", { at, us: 1, stream: "8" }).launchedBy();
      at += 9;
    }
  const template = templateOf(built);
  expect(template).toHaveLength(5);
  for (const { gapBefore } of template) expect(gapBefore.medianUs).toBe(-1);
});

test("the layer as other tools read it: position, kernel, category and its ground, gap, site", () => {
  const built = trace();
  for (let layer = 0; layer < 4; layer++)
    for (const name of LAYER) built.kernel(name, { us: 4 }).launchedBy();
  const graph = buildKernelGraph(built.build(), {
    profile: vllm,
    ruleSet: vocabularyOf({}),
    stageHint: null,
  });
  const [stage] = graph.stages;
  const layers = stage!.layers!;
  const { count, period, rows } = layerReport(layers, layerTemplate(graph, stage!, layers));
  expect([count, period, rows.length]).toEqual([4, LAYER.length, LAYER.length]);
  expect(rows[1]).toEqual({
    position: 1,
    kernel: "qkv",
    id: kernelId("qkv"),
    category: "other",
    categoryFrom: null,
    role: null,
    roleFrom: null,
    roleGround: null,
    medianUs: 4,
    gapUs: expect.any(Number),
    site: null,
  });
});
