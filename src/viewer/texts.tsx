import type { Block } from "../report/document/block.ts";
import { blocksHtml } from "../report/document/html.ts";
import type { Line } from "../report/table.ts";

/** A line of the report in the page's own elements; texts stay texts whatever they hold. */
export function LineView({ line }: { readonly line: Line }) {
  return (
    <>
      {line.map(({ text, tone, href }, at) => {
        const inner = href === null ? text : <Link href={href}>{text}</Link>;
        const key = `${at}`;
        if (tone === "code") return <code key={key}>{inner}</code>;
        return tone === "plain" && href === null ? (
          text
        ) : (
          <span key={key} class={tone}>
            {inner}
          </span>
        );
      })}
    </>
  );
}

/** Only https leads anywhere: rules and traces are written by others. */
export function Link({ href, children }: { readonly href: string; readonly children: string }) {
  if (!href.startsWith("https://")) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

/** Blocks as every page draws them; whatever their texts hold is escaped there. */
export function BlocksView({ blocks }: { readonly blocks: readonly Block[] }) {
  return <div dangerouslySetInnerHTML={{ __html: blocksHtml(blocks) }} />;
}
