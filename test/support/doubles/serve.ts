/**
 * A double as a process of its own: `tsx serve.ts --framework vllm --port 8001 [--trace-dir DIR]
 * [--fail]`. For tests that launch servers, and for trying captures by hand.
 */
import { parseArgs } from "node:util";
import type { FrameworkId } from "../../../src/model/framework.ts";
import { startDouble } from "./double.ts";

const { values } = parseArgs({
  options: {
    framework: { type: "string", default: "sglang" },
    port: { type: "string", default: "0" },
    speed: { type: "string", default: "1" },
    "trace-dir": { type: "string" },
    fail: { type: "boolean", default: false },
  },
});
if (values.fail) {
  process.stderr.write("CUDA out of memory\n");
  process.exit(3);
}
const double = await startDouble({
  framework: values.framework as FrameworkId,
  port: Number(values.port),
  speed: Number(values.speed),
  ...(values["trace-dir"] === undefined ? {} : { launchPath: values["trace-dir"] }),
});
process.stdout.write(`${double.url}\n`);
