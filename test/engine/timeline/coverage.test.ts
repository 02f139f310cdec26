import fc from "fast-check";
import { expect, test } from "vitest";
import { WORK, type Work } from "../../../src/engine/overlap/work-kind.ts";
import { Coverage } from "../../../src/engine/timeline/coverage.ts";

const workArb = fc.constantFrom<Work[]>(WORK.compute, WORK.comm, WORK.memory);
const eventsArb = fc.array(fc.tuple(workArb, fc.nat(60), fc.nat(12)), { maxLength: 25 });

test("times of kinds and what is exposed of them are what counting nanoseconds gives", () => {
  fc.assert(
    fc.property(eventsArb, (events) => {
      const coverage = new Coverage();
      for (const [work, start, length] of [...events].sort((a, b) => a[1] - b[1]))
        coverage.add(work, start, start + length);
      coverage.finish();
      const at = (tick: number, work: Work) =>
        events.some(
          ([kind, start, length]) => kind === work && start <= tick && tick < start + length,
        );
      const count = (isCounted: (compute: boolean, comm: boolean, memory: boolean) => boolean) =>
        Array.from({ length: 80 }, (_, tick) =>
          isCounted(at(tick, WORK.compute), at(tick, WORK.comm), at(tick, WORK.memory)),
        ).filter(Boolean).length;
      expect(coverage).toMatchObject({
        busyNs: count((compute, comm, memory) => compute || comm || memory),
        computeNs: count((compute) => compute),
        commNs: count((_, comm) => comm),
        memoryNs: count((_, __, memory) => memory),
        exposedCommNs: count((compute, comm) => comm && !compute),
        exposedMemoryNs: count((compute, comm, memory) => memory && !compute && !comm),
      });
    }),
  );
});
