// Which page is shown: the gate without a session, the shell with one.
import { useEffect } from "preact/hooks";
import { currentSession } from "../api/client";
import type { Session } from "../api/types";
import { go, usePlace } from "../lib/navigation";
import { address, type Place } from "../lib/router";
import { mayDo, session, useSession } from "../lib/session";
import { AccountsPage } from "../pages/accounts";
import { AlertsPage } from "../pages/alerts";
import { AuditPage } from "../pages/audit";
import { DevicePage } from "../pages/device";
import { DevicesPage } from "../pages/devices";
import { GroupsPage } from "../pages/groups";
import { LoginPage } from "../pages/login";
import { MissingPage } from "../pages/missing";
import { OverviewPage } from "../pages/overview";
import { ReleasePage } from "../pages/release";
import { ReleasesPage } from "../pages/releases";
import { SetupPage } from "../pages/setup";
import { TokensPage } from "../pages/tokens";
import { Shell } from "./shell";

export function App() {
  const place = usePlace();
  const who = useSession();
  const isSetup = place.page === "setup";
  useEffect(() => {
    if (!isSetup && who === undefined) {
      currentSession().then(session.set, () => session.set(null));
    }
  }, [isSetup, who]);
  if (isSetup) {
    return <SetupPage />;
  }
  if (who === undefined) {
    return null;
  }
  return who === null ? <LoginPage /> : <Inside place={place} who={who} />;
}

function Inside({ place, who }: { place: Place; who: Session }) {
  useEffect(() => {
    if (place.page === "login") {
      go(address("overview"), "replace");
    }
  }, [place.page]);
  return (
    <Shell place={place} who={who}>
      <PageOf place={place} who={who} key={`${place.page}/${place.id}`} />
    </Shell>
  );
}

function PageOf({ place, who }: { place: Place; who: Session }) {
  const isAdmin = mayDo(who.role, "admin");
  switch (place.page) {
    case "overview":
      return <OverviewPage />;
    case "devices":
      return <DevicesPage query={place.query} />;
    case "device":
      return <DevicePage id={place.id} role={who.role} />;
    case "groups":
      return <GroupsPage query={place.query} />;
    case "releases":
      return <ReleasesPage />;
    case "release":
      return <ReleasePage version={place.id} />;
    case "alerts":
      return <AlertsPage role={who.role} />;
    case "tokens":
      return <TokensPage role={who.role} />;
    case "accounts":
      return isAdmin ? <AccountsPage own={who.user} /> : <MissingPage />;
    case "audit":
      return isAdmin ? <AuditPage query={place.query} /> : <MissingPage />;
    default:
      return <MissingPage />;
  }
}
