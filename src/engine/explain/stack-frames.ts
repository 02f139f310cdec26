import type { StackFrame } from "../../model/contracts/row-explanation.ts";
import type { FrameworkProfile } from "../../model/framework.ts";
import type { Site } from "../../model/trace/kernel-graph.ts";
import { parseFrame } from "../attribution/frame-text.ts";

/** The frames of a site, innermost first, with why one of them is shown and the others are not. */
export function stackFrames(site: Site, profile: FrameworkProfile): StackFrame[] {
  const frames = site.stack.map((text) => ({ text, ...rankOf(text, profile) }));
  const best = Math.max(0, ...frames.map(({ rank }) => rank));
  // Among the highest rank the innermost is shown.
  const shown = best === 0 ? -1 : frames.findIndex(({ rank }) => rank === best);
  return frames.map(({ text, rank, plain }, at) => ({
    text,
    isShown: at === shown,
    why: at === shown ? "shown" : (plain ?? whyNot(rank, best)),
  }));
}

function rankOf(
  text: string,
  profile: FrameworkProfile,
): { readonly rank: number; readonly plain: string | null } {
  const frame = parseFrame(text);
  switch (frame.kind) {
    case "module":
      return { rank: 0, plain: "module" };
    case "other":
      return { rank: 0, plain: "no place in a file" };
    case "python":
      return { rank: profile.siteRank(frame.path, frame.fn), plain: null };
  }
}

function whyNot(rank: number, best: number): string {
  if (rank === 0) return "plumbing";
  return rank === best ? "calls the shown one" : "a better place encloses the launch";
}
