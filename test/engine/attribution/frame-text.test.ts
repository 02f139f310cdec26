import { expect, test } from "vitest";
import {
  parseFrame,
  readablePath,
  withoutAddress,
} from "../../../src/engine/attribution/frame-text.ts";

test("the three kinds of frame", () => {
  expect(parseFrame("vllm/_custom_ops.py(334): fused_add_rms_norm")).toEqual({
    kind: "python",
    path: "vllm/_custom_ops.py",
    line: "334",
    fn: "fused_add_rms_norm",
  });
  expect(parseFrame("nn.Module: RMSNorm_13")).toEqual({
    kind: "module",
    type: "RMSNorm",
    instance: "RMSNorm_13",
  });
  for (const text of [
    "<built-in method copy_ of Tensor object at 0x7fd>",
    "<string>(1): launcher",
    "PyGC",
  ])
    expect(parseFrame(text)).toEqual({ kind: "other" });
});

test.each([
  ["/sgl-workspace/sglang/python/sglang/srt/layers/layernorm.py", "sglang/srt/layers/layernorm.py"],
  ["/opt/venv/lib/python3.12/site-packages/vllm/attention/layer.py", "vllm/attention/layer.py"],
  ["/workspace/vllm/vllm/_custom_ops.py", "vllm/_custom_ops.py"],
  ["vllm/_custom_ops.py", "vllm/_custom_ops.py"],
  ["/home/me/train.py", "/home/me/train.py"],
  ["/opt/pytorch/pytorch/torch/nn/modules/module.py", "torch/nn/modules/module.py"],
])("%s reads %s", (path, readable) => expect(readablePath(path)).toBe(readable));

test("object addresses say nothing", () => {
  expect(withoutAddress("<built-in method copy_ of Tensor object at 0x7fdc681f0eb0>")).toBe(
    "<built-in method copy_ of Tensor object>",
  );
});
