import type { FrameworkId } from "../../model/framework.ts";
import type { ServerDriver } from "../server-driver.ts";
import { sglang } from "./sglang.ts";
import { tokenspeed } from "./tokenspeed.ts";
import { trtllm, trtllmByEnvironment } from "./trtllm.ts";
import { vllm } from "./vllm.ts";

/** Every serving framework that can be profiled live; order breaks ties of recognition. */
export const SERVER_DRIVERS: readonly ServerDriver[] = [sglang, vllm, trtllm, tokenspeed];

/** Who profiles a framework: a launch window, where the trace's place was given to it (--env-trace). */
export function driverFor(framework: FrameworkId, envTrace: string | null): ServerDriver {
  if (envTrace !== null) return trtllmByEnvironment(envTrace);
  return SERVER_DRIVERS.find(({ id }) => id === framework)!;
}
