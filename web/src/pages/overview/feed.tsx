// What devices have just said, newest first.
import type { DeviceEvent, Kind } from "../../api/types";
import { useText } from "../../i18n";
import { shortId } from "../../lib/format";
import { address } from "../../lib/router";
import { Dot, Empty, type Tone } from "../../ui/parts";
import { Ago } from "../../ui/time";

export const kKindTones: Partial<Record<Kind, Tone>> = {
  confirmed: "good",
  refused: "bad",
  failed: "bad",
  reverted: "warn",
  stale: "warn",
  warning: "warn",
};

export function Feed({ events }: { events: DeviceEvent[] }) {
  const { t, named } = useText();
  if (events.length === 0) {
    return <Empty title={t("feed.empty")}>{t("feed.empty.next")}</Empty>;
  }
  return (
    <ul class="feed">
      {events.map((event) => (
        <li key={event.id}>
          <Dot tone={kKindTones[event.kind] ?? "accent"} />
          <span class="wrap">
            <a class="mono" href={address("device", event.device)}>
              {shortId(event.device)}
            </a>{" "}
            {t(`kind.${event.kind}`)}
            {event.error && <span class="soft"> · {named("code", event.error)}</span>}
          </span>
          <Ago time={event.received} />
        </li>
      ))}
    </ul>
  );
}
