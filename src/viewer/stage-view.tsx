import { useState } from "preact/hooks";
import type { StageReport } from "../model/contracts/report.ts";
import { counted, share } from "../report/numbers.ts";
import type { TableLimits } from "../report/renderer.ts";
import { stageFacts } from "../report/triage/document.ts";
import { FAMILIES, type Family, familyOf } from "./families.ts";
import { LayerTimeline } from "./pictures/layer-timeline.tsx";
import { RooflinePicture } from "./pictures/roofline.tsx";
import { FuseTable } from "./tables/fuse-table.tsx";
import { KernelTable } from "./tables/kernel-table.tsx";
import { OverlapTable } from "./tables/overlap-table.tsx";
import { BlocksView } from "./texts.tsx";

interface Props {
  readonly stage: StageReport;
  readonly id: string;
  readonly limits: TableLimits;
}

/** One stage: where its time goes, one layer of it, and its three tables. */
export function StageView({ stage, id, limits }: Props) {
  const [jump, setJump] = useState<string | null>(null);
  return (
    <>
      <p class="dim told">
        {stage.steps === 0 ? "" : `${counted(stage.steps, "step")}, told by `}
        {stage.stageFrom}
      </p>
      <section class="times">
        <BlocksView blocks={stageFacts(stage)} />
        <CategoryBar stage={stage} />
      </section>
      {stage.excerpt === null ? null : (
        <LayerTimeline excerpt={stage.excerpt} id={id} onRule={setJump} />
      )}
      <RooflinePicture stage={stage} id={id} />
      <KernelTable stage={stage} id={`${id}-kernels`} limit={limits.kernels} />
      <OverlapTable stage={stage} id={`${id}-overlap`} limit={limits.overlap} />
      <FuseTable
        stage={stage}
        id={`${id}-fuse`}
        limit={limits.fuse}
        jump={jump}
        onJumped={setJump}
      />
    </>
  );
}

interface Part {
  readonly name: string;
  readonly title: string;
  readonly pct: number;
  readonly detail: string;
}

/** GPU time by family of category; what rows were cut is the rest. */
function CategoryBar({ stage: { kernels } }: { readonly stage: StageReport }) {
  const pctOf = new Map<Family, number>();
  for (const { category, sharePct } of kernels)
    pctOf.set(familyOf(category), (pctOf.get(familyOf(category)) ?? 0) + sharePct);
  const told = [...pctOf.values()].reduce((sum, pct) => sum + pct, 0);
  const parts = (Object.keys(FAMILIES) as Family[])
    .map((family) => ({
      name: `fam-${family}`,
      title: FAMILIES[family].title,
      pct: pctOf.get(family) ?? 0,
      detail: "",
    }))
    .sort((a, b) => b.pct - a.pct);
  const rest = { name: "rest", title: "in small rows", pct: Math.max(0, 100 - told), detail: "" };
  return <StackBar label="GPU time" parts={[...parts, rest]} />;
}

/** Below this a part is neither seen nor named. */
const LEAST_PCT = 0.05;

function StackBar({ label, parts }: { readonly label: string; readonly parts: readonly Part[] }) {
  const shown = parts.filter(({ pct }) => pct >= LEAST_PCT);
  return (
    <figure class="stack">
      <figcaption>{label}</figcaption>
      <div class="bar" aria-hidden="true">
        {shown.map(({ name, pct }) => (
          <i key={name} class={name} style={{ flexGrow: pct }} />
        ))}
      </div>
      <ul class="legend">
        {shown.map(({ name, title, pct, detail }) => (
          <li key={name}>
            <i class={`swatch ${name}`} aria-hidden="true" /> {title}{" "}
            <b class="num">{share(pct)}</b> <span class="dim num">{detail}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
