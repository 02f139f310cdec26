import type { ExampleFile } from "./example-file.ts";
import { sglangDecode, sglangPrefill } from "./example-sglang.ts";

/** Every generated file of `examples/`, in path order. The README there is written by hand. */
export function exampleFiles(): ExampleFile[] {
  const files = [...sglangPrefill(), ...sglangDecode()];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
