// The hub's stream of server-sent events, and whether it is open.
import { useEffect, useRef } from "preact/hooks";
import { createStore } from "../lib/store";
import { noted } from "../lib/load";
import { apiUrl, get } from "./client";
import type { AlertNews, DeviceEvent, Overview, Progress, Reading } from "./types";

export interface LiveHandlers {
  onEvent?: (event: DeviceEvent) => void;
  onReadings?: (readings: Reading[]) => void;
  onOverview?: (overview: Overview) => void;
  onProgress?: (progress: Progress) => void;
  onAlert?: (alert: AlertNews) => void;
}

// idle: this page follows nothing
export type LinkState = "idle" | "connecting" | "open" | "lost";
export const linkState = createStore<LinkState>("idle");

// EventSource tries again by itself, and goes on behind the last event it has seen; where the hub answered with an
// error it gives up, and a new one is made; the session may have ended meanwhile.
const kRetry = 5000;

function listen(device: string, handlers: { current: LiveHandlers }): () => void {
  let source: EventSource | undefined;
  let retry = 0;
  const open = () => {
    linkState.set("connecting");
    source = new EventSource(apiUrl("/stream", { device }));
    source.onopen = () => linkState.set("open");
    source.onerror = () => {
      linkState.set("lost");
      if (source?.readyState === EventSource.CLOSED) {
        get(apiUrl("/session")).catch(noted);
        retry = window.setTimeout(open, kRetry);
      }
    };
    subscribe(source, handlers);
  };
  open();
  return () => {
    window.clearTimeout(retry);
    source?.close();
    linkState.set("idle");
  };
}

function subscribe(source: EventSource, handlers: { current: LiveHandlers }): void {
  const on = <T>(name: string, pick: () => ((data: T) => void) | undefined) =>
    source.addEventListener(name, (message: MessageEvent<string>) => pick()?.(JSON.parse(message.data) as T));
  on<DeviceEvent>("device", () => handlers.current.onEvent);
  on<Overview>("overview", () => handlers.current.onOverview);
  on<Progress>("progress", () => handlers.current.onProgress);
  on<AlertNews>("alert", () => handlers.current.onAlert);
  on<{ readings: Reading[] }>("readings", () => (data) => handlers.current.onReadings?.(data.readings));
}

// Follows the fleet, or one device, while the component is there. One stream a page.
export function useLive(device: string, handlers: LiveHandlers): void {
  const current = useRef(handlers);
  current.current = handlers;
  useEffect(() => listen(device, current), [device]);
}
