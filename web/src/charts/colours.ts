// The design's colours as a canvas needs them: resolved for the theme in force.
import { theme } from "../lib/settings";

export type Colour = "accent" | "good" | "warn" | "bad" | "text-soft" | "line";

export function colour(name: Colour): string {
  const probe = document.createElement("span");
  probe.className = `probe-${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// Calls back whenever the theme in force may have changed.
export function watchTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const unsubscribe = theme.subscribe(changed);
  system.addEventListener("change", changed);
  return () => {
    unsubscribe();
    system.removeEventListener("change", changed);
  };
}
