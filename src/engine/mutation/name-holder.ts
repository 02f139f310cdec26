import { decisionsOf } from "../../model/classes/class-decisions.ts";
import type { KernelFields } from "../../model/facts.ts";
import type { RuleSet, TestKernel } from "../../model/rule.ts";
import { GPU_KIND } from "../../model/trace/trace.ts";
import { kernelName, kindOfName } from "../../names/kernel-name.ts";
import { symbolFields } from "../attribution/symbol-fields.ts";

/** Where a kernel of a test was launched. */
export type Place = Pick<TestKernel, "op" | "scope" | "frame">;

/** What a class may look at of a kernel in a test. */
function fieldsOf(name: string, { op, scope, frame }: Place): KernelFields {
  return symbolFields(kernelName(name), GPU_KIND[kindOfName(name)], {
    location: frame,
    fn: null,
    module: scope,
    modulePath: scope,
    cpuOp: op,
    topOp: op,
    shapes: null,
    types: null,
    stack: [],
  });
}

export type Holds = (id: number, name: string, place: Place) => boolean;

/** Whether a class of the set holds for a kernel by its name and place. */
export function holder(ruleSet: Pick<RuleSet, "classes">): Holds {
  const matcher = decisionsOf(ruleSet);
  const known = new Map<string, KernelFields>();
  return (id, name, place) => {
    const key = `${name}\n${place.op}\n${place.scope}\n${place.frame}`;
    let fields = known.get(key);
    if (fields === undefined) {
      fields = fieldsOf(name, place);
      known.set(key, fields);
    }
    return matcher.matches(id, fields);
  };
}
