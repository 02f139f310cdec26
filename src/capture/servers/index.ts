import type { ServerDriver } from "../server-driver.ts";
import { sglang } from "./sglang.ts";
import { tokenspeed } from "./tokenspeed.ts";
import { trtllm } from "./trtllm.ts";
import { vllm } from "./vllm.ts";

/** Every serving framework that can be profiled live; order breaks ties of recognition. */
export const SERVER_DRIVERS: readonly ServerDriver[] = [sglang, vllm, trtllm, tokenspeed];
