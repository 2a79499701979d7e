// The frame of the pages before a session: a quiet place with one form.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Preferences } from "../app/preferences";
import { Brand } from "../app/shell";

interface GateProps {
  title: string;
  lead: string;
  children: ComponentChildren;
}

export function Gate({ title, lead, children }: GateProps) {
  useEffect(() => {
    document.title = `${title} · Ferry`;
  }, [title]);
  return (
    <div class="gate">
      <main>
        <Brand />
        <header>
          <h1>{title}</h1>
          <p class="soft">{lead}</p>
        </header>
        {children}
      </main>
      <footer>
        <Preferences />
      </footer>
    </div>
  );
}
