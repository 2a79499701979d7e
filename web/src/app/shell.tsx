// What surrounds every page: navigation at the side, or at the bottom of a phone.
import type { ComponentChildren } from "preact";
import { send } from "../api/client";
import { linkState } from "../api/live";
import type { Session } from "../api/types";
import { useText } from "../i18n";
import { address, type Page, type Place } from "../lib/router";
import { endSession, mayDo } from "../lib/session";
import { useStore } from "../lib/store";
import { Icon, type IconName } from "../ui/icons";
import { Dot } from "../ui/parts";
import { Preferences } from "./preferences";

interface Entry {
  page: Page & IconName;
  also?: Page;
  admin?: boolean;
}

const kFleet: Entry[] = [
  { page: "overview" },
  { page: "devices", also: "device" },
  { page: "groups" },
  { page: "releases", also: "release" },
  { page: "alerts" },
];
const kHouse: Entry[] = [{ page: "accounts", admin: true }, { page: "tokens" }, { page: "audit", admin: true }];

interface ShellProps {
  place: Place;
  who: Session;
  children: ComponentChildren;
}

export function Shell({ place, who, children }: ShellProps) {
  const { t } = useText();
  const house = kHouse.filter((entry) => !entry.admin || mayDo(who.role, "admin"));
  return (
    <div class="shell">
      <a class="skip" href="#content">
        {t("skip")}
      </a>
      <header class="top">
        <Brand />
        <More who={who} house={house} place={place} />
      </header>
      <div class="side">
        <Brand />
        <nav class="nav" aria-label={t("nav")}>
          <Entries entries={kFleet} place={place} />
          <div>
            <h2>{t("nav.house")}</h2>
            <Entries entries={house} place={place} />
          </div>
        </nav>
        <div class="side-end">
          <LinkState />
          <Preferences />
          <Account who={who} />
        </div>
      </div>
      <main class="main" id="content" tabIndex={-1}>
        {children}
      </main>
      <nav class="dock" aria-label={t("nav")}>
        <Entries entries={kFleet} place={place} />
      </nav>
    </div>
  );
}

export function Brand() {
  return (
    <a class="brand" href={address("overview")}>
      <img src="/favicon.svg" alt="" />
      Ferry
    </a>
  );
}

function Entries({ entries, place }: { entries: Entry[]; place: Place }) {
  const { t } = useText();
  return (
    <ul>
      {entries.map(({ page, also }) => (
        <li key={page}>
          <a href={address(page)} aria-current={place.page === page || place.page === also ? "page" : undefined}>
            <Icon name={page} />
            {t(`nav.${page}`)}
          </a>
        </li>
      ))}
    </ul>
  );
}

// On a phone: all that has no room in the dock.
function More({ who, house, place }: { who: Session; house: Entry[]; place: Place }) {
  const { t } = useText();
  return (
    <details class="more" key={`${place.page}/${place.id}`}>
      <summary class="button plain" aria-label={t("nav.more")}>
        <Icon name="more" />
      </summary>
      <div class="sheet card nav">
        <Entries entries={house} place={place} />
        <LinkState />
        <Preferences />
        <Account who={who} />
      </div>
    </details>
  );
}

function LinkState() {
  const { t } = useText();
  const state = useStore(linkState);
  return (
    <div class="link-state" role="status">
      {state !== "idle" && (
        <>
          <Dot tone={state === "open" ? "good" : state === "lost" ? "bad" : "warn"} />
          {t(`link.${state}`)}
        </>
      )}
    </div>
  );
}

function Account({ who }: { who: Session }) {
  const { t } = useText();
  const leave = () => send("DELETE", "/session").then(endSession, endSession);
  return (
    <div class="account">
      <span class="wrap">
        {who.user} <span class="soft small">{t(`role.${who.role}`)}</span>
      </span>
      <button type="button" class="button slim" onClick={leave}>
        {t("logout")}
      </button>
    </div>
  );
}
