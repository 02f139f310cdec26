import { describe, expect, test } from "vitest";
import { cutLayers, describeLayers } from "../../../src/engine/layers/layer-plan.ts";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";

/** Cuts the whole trace as one step. */
function cut(built: TraceBuilder, step = 0) {
  const ready = built.build();
  const events = Uint32Array.from({ length: ready.gpu.count }, (_, row) => row);
  return {
    ready,
    events,
    layers: cutLayers(ready, events, new Int32Array(ready.gpu.count).fill(step)),
  };
}

const LAYER = ["norm", "qkv", "attention", "proj", "mlp"];

describe("layers of a stage", () => {
  test("are numbered per entry, the rest is -1", () => {
    const built = trace();
    for (const name of ["embed", ...LAYER, ...LAYER, ...LAYER, ...LAYER, "head"])
      built.kernel(name).launchedBy();
    const { layers } = cut(built);
    expect(layers).toMatchObject({ period: 5, count: 4 });
    const of = (layer: number) => Array(5).fill(layer);
    expect([...layers!.layerOf]).toEqual([-1, ...of(0), ...of(1), ...of(2), ...of(3), -1]);
    expect([...layers!.positionOf].slice(0, 7)).toEqual([-1, 0, 1, 2, 3, 4, 0]);
  });

  test("only the busiest stream has them", () => {
    const built = trace();
    for (let i = 0; i < 4; i++)
      for (const name of LAYER) {
        built.kernel(name, { us: 10 }).launchedBy();
        built.kernel("side", { us: 1, stream: "8" }).launchedBy();
      }
    const { ready, layers } = cut(built);
    expect(layers).toMatchObject({ period: 5, count: 4 });
    ready.gpu.stream.forEach((stream, row) => {
      expect(layers!.layerOf[row]! >= 0).toBe(ready.streams[stream]!.stream === "7");
    });
  });

  test("copies that come with every layer are part of it", () => {
    const built = trace();
    for (let i = 0; i < 6; i++) {
      built.copy("Memcpy DtoD").launchedBy();
      for (const name of LAYER) built.kernel(name).launchedBy();
    }
    expect(cut(built).layers).toMatchObject({ period: 6, count: 6 });
  });

  test("copies that come now and then are looked past", () => {
    const built = trace();
    for (let i = 0; i < 12; i++)
      LAYER.forEach((name, position) => {
        if (i % 3 === 1 && position === i % 5) built.copy("Memset").launchedBy();
        built.kernel(name).launchedBy();
      });
    const { ready, layers } = cut(built);
    expect(layers).toMatchObject({ period: 5, count: 12 });
    const copy = ready.gpu.kind.indexOf(1);
    expect(layers!.positionOf[copy]).toBe(-1);
  });

  test("what no step launched does not hide the steps' own period", () => {
    const built = trace();
    const stepOf: number[] = [];
    for (let step = 0; step < 3; step++) {
      for (const name of ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]) {
        built.kernel(`${name}${step}`).launchedBy();
        stepOf.push(-1);
      }
      for (let i = 0; i < 4; i++)
        for (const name of LAYER) {
          built.kernel(name).launchedBy();
          stepOf.push(step);
        }
    }
    const ready = built.build();
    const events = Uint32Array.from(stepOf, (_, row) => row);
    expect(cutLayers(ready, events, Int32Array.from(stepOf))).toMatchObject({
      period: 5,
      count: 4,
    });
  });
});

test("the template says what stands where, how often and how long", () => {
  const built = trace();
  for (let i = 0; i < 5; i++)
    LAYER.forEach((name, position) => {
      const odd = i === 2 && position === 1;
      built.kernel(odd ? "other_qkv" : name, { us: 10 + i }).launchedBy();
    });
  const { ready, events, layers } = cut(built);
  const template = describeLayers(ready, events, ready.gpu.name, layers!);
  expect(template[1]).toEqual({
    position: 1,
    symbol: ready.kernelNames.findIndex(({ raw }) => raw === "qkv"),
    medianNs: 12_000,
    minNs: 10_000,
    maxNs: 14_000,
    agreement: 4,
  });
});
