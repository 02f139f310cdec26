import { join } from "node:path";
import { expect, test } from "vitest";
import { analyze } from "../../src/commands/triage.ts";
import { EXIT } from "../../src/model/errors.ts";
import { DEFAULT_ANALYZE_OPTIONS } from "../../src/model/options.ts";
import { diffusersFrame } from "../../src/pipeline/diffusers-frames.ts";
import { traceText } from "../support/synth/serialise.ts";
import { traceSpec } from "../support/synth/spec.ts";
import { synthesise } from "../support/synth/synthesise.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { trace } from "../support/trace-builder.ts";

const SITE = "/usr/lib/python3.12/site-packages";

test.each([
  [`${SITE}/diffusers/pipelines/flux/pipeline_flux.py(650): __call__`, true],
  ["diffusers/pipelines/wan/pipeline_wan_i2v.py(1): __call__", true],
  ["sglang/multimodal_gen/runtime/pipelines/diffusers_pipeline.py(120): forward", true],
  [`${SITE}/diffusers/pipelines/flux2/image_processor.py(30): preprocess`, false],
  ["diffusers/pipelines/ltx2/connectors.py(9): forward", false],
  ["sglang/multimodal_gen/runtime/pipelines/flux.py(40): forward", null],
  ["diffusers/models/autoencoders/autoencoder_kl.py(88): decode", null],
  ["my_diffusers/pipelines/x/pipeline_x.py(1): __call__", null],
])("%s proves: %s", (frame, proves) => {
  const built = trace().frame(frame, 0, 10).build();
  expect(diffusersFrame(built)).toEqual(proves === null ? null : { frame, proves });
});

/** Reports of a synthesised trace whose first Python frame was this one. */
function analysed(frame: string, force: boolean) {
  const text = traceText(synthesise(traceSpec({ engine: "sglang", layers: 1, seed: 1 })));
  const first = /"([^"]+\.py\(\d+\): \w+)"/.exec(text)![1]!;
  const path = join(temporaryFolder({ "t.json": text.replaceAll(first, frame) }), "t.json");
  const options = { ...DEFAULT_ANALYZE_OPTIONS, inputs: [path], rulesPath: "rules", force };
  return analyze(options);
}

const codes = async (reports: ReturnType<typeof analysed>) =>
  (await reports).reports[0]!.diagnostics.map(({ code }) => code);

test("a pipeline of the library at work is refused; --force and doubt make a remark", async () => {
  const runs = "diffusers/pipelines/flux/pipeline_flux.py(650): __call__";
  await expect(analysed(runs, false)).rejects.toMatchObject({
    code: "refused/diffusers-backend",
    exit: EXIT.refused,
  });
  expect(await codes(analysed(runs, true))).toContain("trace/diffusers-frames");
  const helper = "diffusers/pipelines/flux2/image_processor.py(30): preprocess";
  expect(await codes(analysed(helper, false))).toContain("trace/diffusers-frames");
  const native = "sglang/multimodal_gen/runtime/pipelines/flux.py(40): forward";
  expect(await codes(analysed(native, false))).not.toContain("trace/diffusers-frames");
});
