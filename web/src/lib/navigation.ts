// The browser's address and the dashboard's pages, kept together.
import { createStore, useStore } from "./store";
import { parse, type Place } from "./router";

const here = (): Place => parse(location.pathname, location.search);
const place = createStore<Place>(here());

export const usePlace = (): Place => useStore(place);

export function go(address: string, how: "push" | "replace" = "push"): void {
  if (how === "push") {
    history.pushState(null, "", address);
    scrollTo(0, 0);
  } else {
    history.replaceState(null, "", address);
  }
  place.set(here());
}

// Links within the dashboard change the page without loading it anew.
export function followLinks(): void {
  addEventListener("popstate", () => place.set(here()));
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link && staysHere(link, event)) {
      event.preventDefault();
      go(link.pathname + link.search);
    }
  });
}

function staysHere(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const inside = link.origin === location.origin && !link.pathname.startsWith("/api/") && link.hash === "";
  return plain && inside && !event.defaultPrevented && link.target === "" && !link.hasAttribute("download");
}
