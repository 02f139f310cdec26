import { expect, test } from "vitest";
import type { WorkRow } from "../../src/model/contracts/work-row.ts";
import { along, powers, rooflineOf } from "../../src/viewer/pictures/roofline-scale.ts";

const PEAKS = { memory: 4, link: 0.4, compute: [{ rate: "bf16", tflops: 1000 }] };

const row = (given: Partial<WorkRow>): WorkRow => ({
  op: "aten::mm",
  kernels: [],
  dims: "[[1,1]]",
  types: "",
  count: 1,
  kernelUs: 10,
  flop: 1e9,
  bytes: 1e8,
  rate: "bf16",
  boundBy: "memory",
  tflops: 100,
  tbps: 10,
  floorUs: 1,
  pctOfLimit: 10,
  usualPctOfLimit: null,
  headroomUs: 9,
  atLeast: false,
  fitsCache: false,
  shapesFrom: "op",
  assuming: [],
  model: "aten-mm",
  ...given,
});

test("a point stands at its operations a byte and its operations a second, as large as its time", () => {
  const found = rooflineOf([row({}), row({ kernelUs: 40 })], PEAKS)!;
  expect(found.points.map(({ intensity, height, size }) => [intensity, height, size])).toEqual([
    [10, 100, 0.25],
    [10, 100, 1],
  ]);
  for (const { intensity, height } of found.points) {
    expect(along(found.x, intensity)).toBeGreaterThan(0);
    expect(along(found.x, intensity)).toBeLessThan(1);
    expect(along(found.y, height)).toBeLessThanOrEqual(1);
  }
});

test("what only moves bytes stands at the edge, as far below the memory's slope as its bandwidth", () => {
  const found = rooflineOf([row({}), row({ flop: 0, tflops: 0, tbps: 1 })], PEAKS)!;
  const [computing, moving] = found.points;
  expect(moving!.intensity).toBe(found.edge);
  expect(found.edge).toBeLessThan(computing!.intensity);
  expect(moving!.height / (PEAKS.memory * found.edge)).toBeCloseTo(1 / PEAKS.memory);
});

test("above the roof is drawn above the roof", () => {
  const found = rooflineOf([row({ tflops: 5000, pctOfLimit: 500, boundBy: "compute" })], PEAKS)!;
  const [point] = found.points;
  expect(along(found.y, point!.height)).toBeGreaterThan(along(found.y, 1000));
  expect(along(found.y, point!.height)).toBeLessThanOrEqual(1);
});

test("rows without time have no place, and without rows there is no picture", () => {
  expect(rooflineOf([row({ kernelUs: 0 })], PEAKS)).toBeNull();
  expect(rooflineOf([], PEAKS)).toBeNull();
  expect(rooflineOf([row({})], null)).not.toBeNull();
});

test("axes are whole decades", () => {
  expect(powers({ from: -1, to: 2 })).toEqual([0.1, 1, 10, 100]);
});
