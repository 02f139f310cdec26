import type { ExampleFile } from "./file.ts";
import { mappingFormal } from "./mapping-formal.ts";
import { sglangDecode, sglangPrefill } from "./sglang.ts";
import { tokenspeed } from "./tokenspeed.ts";
import { trtllm } from "./trtllm.ts";
import { twoStreamOverlap } from "./two-stream-overlap.ts";
import { vllmEager } from "./vllm-eager.ts";

/** Every generated file of `examples/`, in path order. The README there is written by hand. */
export function exampleFiles(): ExampleFile[] {
  const files = [
    ...sglangPrefill(),
    ...sglangDecode(),
    ...vllmEager(),
    ...trtllm(),
    ...tokenspeed(),
    ...mappingFormal(),
    ...twoStreamOverlap(),
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
