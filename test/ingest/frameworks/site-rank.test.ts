import { expect, test } from "vitest";
import { sglang } from "../../../src/ingest/frameworks/sglang.ts";
import { RANK } from "../../../src/ingest/frameworks/site-rank.ts";
import { unknown } from "../../../src/ingest/frameworks/unknown.ts";
import { vllm } from "../../../src/ingest/frameworks/vllm.ts";

test.each([
  ["torch/nn/modules/module.py", "_call_impl"],
  ["torch/_ops.py", "__call__"],
  ["contextlib.py", "__exit__"],
  ["inspect.py", "getmodule"],
  ["logging/__init__.py", "debug"],
  ["/usr/lib/python3.12/functools.py", "reduce"],
  ["triton/runtime/jit.py", "run"],
  ["torch_guard.py", "wrapper_custom"],
  ["aiter/jit/core.py", "wrapper"],
  ["/tmp/torchinductor_root/ob/cobhwrc24.py", "call"],
])("%s %s is plumbing for every framework", (path, fn) => {
  for (const profile of [sglang, vllm, unknown])
    expect(profile.siteRank(path, fn)).toBe(RANK.plumbing);
});

test("SGLang's own plumbing is not its code", () => {
  const rank = (path: string, fn: string) => sglang.siteRank(path, fn);
  expect(rank("sglang/srt/utils/kernel_shape_profiler.py", "impl")).toBe(RANK.plumbing);
  expect(rank("sglang/srt/layers/utils/multi_platform.py", "forward")).toBe(RANK.plumbing);
  expect(rank("sglang/srt/model_executor/cuda_graph_runner.py", "replay")).toBe(RANK.lastResort);
  expect(rank("sglang/srt/model_executor/cuda_graph_runner.py", "foreach_copy")).toBe(RANK.own);
  expect(rank("sglang/srt/layers/layernorm.py", "forward_aiter")).toBe(RANK.own);
});

test("vLLM's op wrappers stay, its dispatch does not", () => {
  const rank = (path: string, fn: string) => vllm.siteRank(path, fn);
  expect(rank("vllm/_custom_ops.py", "fused_add_rms_norm")).toBe(RANK.own);
  expect(rank("vllm/model_executor/custom_op.py", "forward")).toBe(RANK.plumbing);
  expect(rank("vllm/model_executor/parameter.py", "__torch_function__")).toBe(RANK.plumbing);
  expect(rank("vllm/compilation/piecewise_backend.py", "__call__")).toBe(RANK.lastResort);
});

test("a kernel library says less than its caller and more than a stranger", () => {
  expect(vllm.siteRank("flashinfer/prefill.py", "run")).toBe(RANK.library);
  expect(vllm.siteRank("my_server/main.py", "main")).toBe(RANK.lastResort);
  expect(vllm.siteRank("transformers/models/qwen2/modeling_qwen2.py", "forward")).toBe(RANK.own);
});

test("without a framework the model is whatever is not plumbing", () => {
  expect(unknown.siteRank("train.py", "main")).toBe(RANK.own);
  expect(unknown.siteRank("transformers/utils/generic.py", "wrapper")).toBe(RANK.plumbing);
});
