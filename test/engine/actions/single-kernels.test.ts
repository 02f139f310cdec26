import { expect, test } from "vitest";
import { trace } from "../../support/trace-builder.ts";
import { accounts, calledLimits, vocabulary } from "../accounts.ts";

const device = {
  id: 0,
  name: "GPU",
  computeCapability: null,
  multiprocessors: 132,
  memoryBytes: null,
};

const narrow = async (grid: string, us = 66, name = "gemm") => {
  const built = trace().metadata({ devices: [device] });
  for (let i = 0; i < 6; i++)
    built
      .kernel(name, { us, grid })
      .launchedBy("cudaLaunchKernel", { at: -500 + i, us: 0.5 })
      .kernel("mm", { us: 50, grid: "512,1,1/128,1,1" })
      .launchedBy("cudaLaunchKernel", { at: -499.5 + i, us: 0.4 });
  return (await accounts(built)).actions;
};

test("a launch of 8 blocks on 132 SMs leaves most of the GPU idle", async () => {
  const [action] = await narrow("8,1,1/128,1,1");
  expect(action).toMatchObject({ kind: "limit", proof: "assumed" });
  expect(action!.title).toContain("8 of 132 SMs, 6 times");
  expect(action!.saves.kernelUs).toBeCloseTo(6 * 66 * (1 - 8 / 132), 2);
});

test("enough blocks, short launches, collectives and unknown grids are none", async () => {
  expect(await narrow("64,2,1/128,1,1")).toEqual([]);
  expect(await narrow("8,1,1/128,1,1", 15)).toEqual([]);
  expect(await narrow("8,1,1/128,1,1", 66, "comm")).toEqual([]);
  expect(await narrow("")).toEqual([]);
});

const twins = async (fast: number, slow: number) => {
  const built = trace();
  for (let i = 0; i < 8; i++)
    built
      .kernel(i % 2 === 0 ? "mm_sm90" : "mm_sm75_align1", { us: i % 2 === 0 ? fast : slow })
      .inside("aten::mm", "[[32,64],[64,128]]", "")
      .launchedBy("cudaLaunchKernel", { at: -500 + i, us: 0.5 });
  return (
    await accounts(
      built,
      vocabulary(),
      calledLimits(() => 9),
    )
  ).actions;
};

test("of two kernels that do the same calls the slower one is a fallback", async () => {
  const [action] = await twins(10, 30);
  expect(action).toMatchObject({ kind: "limit", proof: "trace", saves: { kernelUs: 80 } });
  expect(action!.do).toContain("mm_sm75_align1 takes 30.0 us and mm_sm90 10.0 us");
});

test("two kernels that are about as fast are a choice", async () => {
  expect(await twins(10, 12)).toEqual([]);
});
