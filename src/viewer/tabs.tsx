import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface Tab {
  readonly id: string;
  readonly title: ComponentChildren;
  /** The title on paper, where tabs are headings. */
  readonly printed: string;
  readonly panel: ComponentChildren;
}

/** Tabs as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has them; on paper every panel is shown. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const [chosen, setChosen] = useState(0);
  const go = (event: KeyboardEvent) => {
    const last = tabs.length - 1;
    const to = {
      ArrowRight: chosen === last ? 0 : chosen + 1,
      ArrowLeft: chosen === 0 ? last : chosen - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setChosen(to);
    document.getElementById(`tab-${tabs[to]!.id}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label}>
        {tabs.map(({ id, title }, at) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={at === chosen}
            aria-controls={`panel-${id}`}
            tabIndex={at === chosen ? 0 : -1}
            onClick={() => setChosen(at)}
            onKeyDown={go}
          >
            {title}
          </button>
        ))}
      </div>
      {tabs.map(({ id, panel, printed }, at) => (
        <div
          key={id}
          class="panel"
          role="tabpanel"
          id={`panel-${id}`}
          aria-labelledby={`tab-${id}`}
          data-title={printed}
          hidden={at !== chosen}
        >
          {panel}
        </div>
      ))}
    </>
  );
}
