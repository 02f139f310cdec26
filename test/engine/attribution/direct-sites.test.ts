import { describe, expect, test } from "vitest";
import { directSites, launchSites } from "../../../src/engine/attribution/direct-sites.ts";
import { matchLaunches, replayCalls } from "../../../src/engine/attribution/launches.ts";
import { SiteTable } from "../../../src/engine/attribution/site-table.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";
import type { Site } from "../../../src/model/trace/kernel-graph.ts";
import type { Trace } from "../../../src/model/trace/trace.ts";
import { trace } from "../../support/trace-builder.ts";

function sitesOf(built: Trace): Site[] {
  const sites = new SiteTable(built, vllm);
  const { siteOf } = directSites(built, matchLaunches(built), replayCalls(built), sites);
  return Array.from(siteOf, (site) => sites.sites[site]!);
}

const LAYER = [
  "vllm/v1/worker/gpu_model_runner.py(2907): execute_model",
  "nn.Module: DecoderLayer_3",
  "torch/nn/modules/module.py(1779): _call_impl",
  "vllm/model_executor/models/gpt_oss.py(221): forward",
  "nn.Module: RMSNorm_7",
  "torch/nn/modules/module.py(1779): _call_impl",
  "vllm/model_executor/custom_op.py(46): forward",
  "vllm/_custom_ops.py(334): fused_add_rms_norm",
  "torch/_ops.py(1244): __call__",
  "<built-in method fused_add_rms_norm of PyCapsule object at 0x7f00>",
];

test("a kernel's site is the innermost own frame, its modules and its ops", () => {
  const built = trace()
    .kernel("norm")
    .frames(...LAYER)
    .inside("vllm::outer")
    .inside("_C::fused_add_rms_norm", "[[888, 512]]", '["c10::BFloat16"]')
    .launchedBy();
  const [site] = sitesOf(built.build());
  expect(site).toMatchObject({
    location: "vllm/_custom_ops.py:334",
    fn: "fused_add_rms_norm",
    module: "DecoderLayer.RMSNorm",
    modulePath: "DecoderLayer_3.RMSNorm_7",
    cpuOp: "_C::fused_add_rms_norm",
    topOp: "vllm::outer",
    shapes: "[[888, 512]]",
    types: '["c10::BFloat16"]',
  });
  expect(site!.stack).toHaveLength(LAYER.length);
  expect(site!.stack[0]).toBe("<built-in method fused_add_rms_norm of PyCapsule object>");
  expect(site!.stack.at(-1)).toBe(LAYER[0]);
});

test("equal stacks share a site, whatever object a built-in was called on", () => {
  const sites = new SiteTable(trace().build(), vllm);
  expect(sites.sites).toHaveLength(1);
  const built = trace();
  for (const address of ["0x1a", "0x2b"])
    built
      .kernel("k")
      .frames("vllm/a.py(1): f", `<built-in method copy_ of Tensor object at ${address}>`)
      .launchedBy();
  const [first, second] = sitesOf(built.build());
  expect(first).toBe(second);
});

test("what encloses a graph replay launched none of its kernels", () => {
  const built = trace().frame("vllm/a.py(1): replay", 0, 100).replay(["gemm", "norm"]).build();
  expect(sitesOf(built).map((site) => site.location)).toEqual([null, null]);
  expect([...matchLaunches(built)]).toEqual([0, 0]);
});

test("a thread without Python frames keeps its ops", () => {
  const built = trace();
  const backward = built.thread("backward");
  built.frame("vllm/a.py(1): step", 0, 1000);
  built.kernel("k").inside("AddmmBackward0").inside("aten::mm").launchedBy("cudaLaunchKernel", {
    thread: backward,
  });
  expect(sitesOf(built.build())[0]).toMatchObject({
    location: null,
    topOp: "AddmmBackward0",
    cpuOp: "aten::mm",
    stack: [],
  });
});

describe("bookkeeping ops", () => {
  test("the record around a collective and a profiling shim step back for the op proper", () => {
    const built = trace()
      .kernel("nccl")
      .inside("sglang_profiler::all_gather_12")
      .inside("c10d::_allgather_base_", "[[8]]")
      .inside("record_param_comms", "[[1]]")
      .launchedBy();
    expect(sitesOf(built.build())[0]).toMatchObject({
      cpuOp: "c10d::_allgather_base_",
      topOp: "c10d::_allgather_base_",
      shapes: "[[8]]",
    });
  });

  test("alone they are better than nothing", () => {
    const built = trace().kernel("nccl").inside("record_param_comms").launchedBy();
    expect(sitesOf(built.build())[0]).toMatchObject({ cpuOp: "record_param_comms" });
  });
});

describe("External id", () => {
  test("names the op of a kernel whose launch was not recorded", () => {
    const built = trace()
      .frame("vllm/a.py(5): forward", 0, 100)
      .op("aten::mm", 10, 20, { externalId: 42, shapes: "[[1]]" })
      .kernel("gemm", { externalId: 42 })
      .notLaunched();
    expect(sitesOf(built.build())[0]).toMatchObject({
      location: "vllm/a.py:5",
      cpuOp: "aten::mm",
      shapes: "[[1]]",
    });
  });

  test("that repeats the correlation names nothing", () => {
    // Older torch: kernel 2 (correlation 2) bears the id of an op that launched something else.
    const built = trace();
    built.op("aten::embedding", 500, 510, { externalId: 3 });
    for (const id of [1, 2])
      built.kernel(`gemm${id}`, { externalId: id }).inside("aten::mm").launchedBy();
    built.kernel("late", { externalId: 3 }).notLaunched();
    expect(sitesOf(built.build()).map((site) => site.cpuOp)).toEqual([
      "aten::mm",
      "aten::mm",
      null,
    ]);
  });
});

test("a launch during a capture has a site without any kernel", () => {
  const built = trace()
    .frame("vllm/model.py(7): forward", 0, 100)
    .op("aten::mm", 5, 40)
    .launch("hipLaunchKernel", { at: 10, kernel: "gemm" })
    .launch("hipStreamIsCapturing", { at: 20 })
    .build();
  const sites = new SiteTable(built, vllm);
  const { site: found } = launchSites(built, Uint8Array.of(1, 0), sites);
  expect(sites.sites[found[0]!]).toMatchObject({ location: "vllm/model.py:7", cpuOp: "aten::mm" });
  expect(found[1]).toBe(0);
});
