import { kernelId } from "../../src/engine/tables/kernel-id.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";
import {
  excerpt,
  fuse,
  kernel,
  overlap,
  realisticReport,
  report,
  SOURCE,
  site,
  stage,
  timeline,
  trace,
} from "./sample-reports.ts";

/** Every text of every row taken from people we do not trust. */
export function hostileReport(texts: readonly string[] = HOSTILE_TEXTS): Report {
  const at = (index: number): string => texts[index % texts.length]!;
  return report({
    frameworkEvidence: at(0),
    model: at(1),
    modelFrom: at(2),
    serverArgs: Object.fromEntries(texts.map((text, i) => [`enable_${text}`, at(i + 1)])),
    serverArgsPath: at(3),
    gpu: { name: at(4), vendor: "amd", arch: at(5), count: 1 },
    traces: [trace({ path: at(6), complete: false, damage: at(7), choice: at(8) })],
    overlapBasis: at(9),
    summary: texts.join(" "),
    similarity: { rule: at(10), level: "low", reason: at(11) },
    diagnostics: texts.map((text) => ({
      severity: "warning",
      code: text,
      message: text,
      path: text,
    })),
    stages: [
      stage({
        stageFrom: at(12),
        timeline: timeline({ idleCauses: [{ cause: "hole", us: 1, note: at(13) }] }),
        excerpt: excerpt({
          step: at(14),
          lanes: [{ device: 0, stream: at(15) }],
          spans: texts.map((text, i) => ({
            lane: 0,
            startUs: 10 * i,
            durUs: 9,
            kernel: text,
            category: at(i + 1),
            role: text,
            location: at(i + 2),
            exposedUs: i % 2,
          })),
          durationUs: 10 * texts.length,
          fuse: texts.map((text, i) => ({ rule: text, state: "split", spans: [i], whole: true })),
        }),
        kernels: texts.map((text, i) =>
          kernel({
            name: text,
            shortName: text,
            category: at(i + 1),
            sites: [
              site({
                location: at(i + 2),
                function: at(i + 3),
                module: at(i + 4),
                cpuOp: at(i + 5),
              }),
              site({
                location: text,
                function: null,
                module: null,
                cpuOp: text,
                via: "layer-context",
              }),
            ],
          }),
        ),
        overlap: texts.map((text, i) =>
          overlap({
            rule: text,
            priority: at(i + 1),
            verdict: text,
            kernel: text,
            location: at(i + 2),
            recommendation: text,
            rationale: at(i + 3),
            sources: [{ ...SOURCE, path: text, symbol: at(i + 1), url: `https://x/${text}` }],
          }),
        ),
        fuse: texts.map((text, i) =>
          fuse({
            rule: text,
            title: text,
            status: "in-flight",
            pr: [text, "owner/repo#12"],
            checked: at(i + 1),
            assuming: [text],
            evidence: [
              { step: text, id: kernelId(text), kernel: at(i + 1), launches: 1, totalUs: 1 },
            ],
            locations: [text, at(i + 1)],
            sources: [{ ...SOURCE, repo: text, url: "javascript:alert(1)" }],
            rationale: text,
            advice: at(i + 1),
            toggle: text,
            alsoMatched: [text],
          }),
        ),
      }),
    ],
  });
}

/** A trace cut in the middle: no GPU name, no layout, nothing located, one stage without rows. */
export function damagedReport(): Report {
  return report({
    framework: "unknown",
    frameworkEvidence: "no python frames and no annotations",
    traces: [
      trace({
        rank: null,
        events: 12,
        gpuEvents: 3,
        complete: false,
        damage: "gzip stream ends at byte 40,960",
        choice: "the newest of 4 traces in profile/",
      }),
      trace({ path: "profile/capture/bs_32.json.gz", role: "mapping", rank: 1 }),
    ],
    gpu: { name: null, vendor: "amd", arch: null, count: 0 },
    parallel: { tp: null, pp: null, dp: null, ep: null, worldSize: null, from: null },
    located: { pct: 0, byMethod: { ...report().located.byMethod, direct: 0, none: 100 } },
    stages: [
      stage({
        stage: "all",
        steps: 0,
        stageFrom: "whole trace",
        timeline: timeline({
          totalUs: 0,
          busyUs: 0,
          idleUs: 0,
          computeUs: 0,
          gpuTimeUs: 0,
        }),
      }),
    ],
    diagnostics: [
      { severity: "error", code: "trace/truncated", message: "The file ends early.", path: null },
    ],
  });
}

export const SAMPLES: Readonly<Record<string, Report>> = {
  "a realistic report": realisticReport(),
  "an empty report": report(),
  "a damaged trace's report": damagedReport(),
  "a hostile report": hostileReport(),
};
