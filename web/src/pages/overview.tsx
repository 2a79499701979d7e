import { useState } from "preact/hooks";
import { apiUrl } from "../api/client";
import { useLive } from "../api/live";
import type { DeviceEvent, Overview, Release } from "../api/types";
import { useText } from "../i18n";
import { travellersOf } from "../journey/travellers";
import { count, rate } from "../lib/format";
import { useDocument } from "../lib/load";
import { address } from "../lib/router";
import { useEvery } from "../lib/timers";
import { Bars } from "../ui/bars";
import { Await, Card, Empty, Figure, PageHead } from "../ui/parts";
import { Feed } from "./overview/feed";
import { FunnelBars } from "./overview/funnel";
import { Travellers } from "./overview/travellers";
import { VersionsChart } from "./overview/versions_chart";

const kFeedLength = 8;
const kEvents = 200; // to tell from them who is on its way
const kRefresh = 30_000; // ms

export function OverviewPage() {
  const { t } = useText();
  const overview = useDocument<Overview>(apiUrl("/overview"));
  const recent = useDocument<{ events: DeviceEvent[] }>(apiUrl("/events", { order: "desc", limit: kEvents }));
  const [fresh, setFresh] = useState<DeviceEvent[]>([]);
  useLive("", {
    onOverview: overview.set,
    onEvent: (event) => setFresh((before) => [event, ...before].slice(0, kEvents)),
  });
  const events = merged(fresh, recent.data?.events ?? []);
  return (
    <>
      <PageHead title={t("overview.title")} subtitle={t("overview.lead")} />
      <Await of={overview}>
        {(data) => (data.devices === 0 ? <NoDevices /> : <Fleet overview={data} events={events} />)}
      </Await>
    </>
  );
}

function merged(fresh: DeviceEvent[], recent: DeviceEvent[]): DeviceEvent[] {
  const known = new Set(fresh.map((event) => event.id));
  return [...fresh, ...recent.filter((event) => !known.has(event.id))];
}

function NoDevices() {
  const { t } = useText();
  return (
    <div class="card">
      <Empty title={t("overview.empty")}>
        <p>{t("overview.empty.next")}</p>
        <pre tabIndex={0}>
          {"ferry provision --product meter.product --serial M-0001 \\\n  --devices devices.jsonl --out M-0001.factory"}
        </pre>
      </Empty>
    </div>
  );
}

function Fleet({ overview, events }: { overview: Overview; events: DeviceEvent[] }) {
  const { t } = useText();
  return (
    <>
      <Figures overview={overview} />
      <div class="board">
        <NewestRelease />
        <Card title={t("overview.now")} flush>
          <Travellers travellers={travellersOf(events)} />
          <Feed events={events.slice(0, kFeedLength)} />
        </Card>
        <div class="pile">
          <VersionShares overview={overview} />
          <UpgradesOfTheDay overview={overview} />
        </div>
      </div>
      <VersionsChart />
    </>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const { t, language } = useText();
  const number = (value: number) => count(value, language);
  const { alerts, upgrades } = overview;
  return (
    <div class="figures">
      <Figure
        name={t("overview.online")}
        value={number(overview.online)}
        note={t("of", { count: number(overview.devices) })}
        href={address("devices", "", { online: "true" })}
      />
      <Figure
        name={t("overview.silent")}
        value={number(overview.silent)}
        note={t("overview.never", { count: number(overview.never_seen) })}
        href={address("devices", "", { silent: "true" })}
      />
      <Figure
        name={t("overview.upgrades")}
        value={number(upgrades.confirmed)}
        note={t("overview.running", { count: number(upgrades.running) })}
        href={address("releases")}
      />
      <Figure
        name={t("overview.alerts")}
        value={number(alerts.critical + alerts.warning + alerts.info)}
        note={t("overview.critical", { count: number(alerts.critical) })}
        href={address("alerts")}
      />
      <Figure
        name={t("overview.readings")}
        value={rate(overview.readings_per_second, language)}
        note={t("overview.stored", { count: number(overview.readings) })}
        href={address("devices")}
      />
    </div>
  );
}

const kMostVersions = 6;

function VersionShares({ overview }: { overview: Overview }) {
  const { t } = useText();
  const bars = overview.versions
    .toSorted((one, other) => other.devices - one.devices)
    .slice(0, kMostVersions)
    .map(({ version, devices }) => ({
      id: version ?? "",
      value: devices,
      name: version ? <a href={address("devices", "", { version })}>{version}</a> : t("version.unknown"),
    }));
  return (
    <Card title={t("overview.versions")}>
      <Bars bars={bars} whole={overview.devices} />
    </Card>
  );
}

const kOutcomes = [
  ["running", "accent"],
  ["confirmed", "good"],
  ["reverted", "warn"],
  ["refused", "bad"],
  ["failed", "bad"],
] as const;

function UpgradesOfTheDay({ overview }: { overview: Overview }) {
  const { t } = useText();
  const all = kOutcomes.reduce((sum, [outcome]) => sum + overview.upgrades[outcome], 0);
  const bars = kOutcomes.map(([outcome, tone]) => ({
    id: outcome,
    name: t(`outcome.${outcome}`),
    value: overview.upgrades[outcome],
    tone,
  }));
  return (
    <Card title={t("overview.day")}>
      {all === 0 ? <Empty title={t("overview.day.empty")} /> : <Bars bars={bars} whole={all} />}
    </Card>
  );
}

function NewestRelease() {
  const { t } = useText();
  const releases = useDocument<{ releases: Release[] }>(apiUrl("/releases"));
  useEvery(kRefresh, releases.reload);
  const newest = releases.data?.releases[0];
  const link = newest && <a href={address("release", newest.version)}>{newest.version}</a>;
  return (
    <Card title={t("overview.funnel")} actions={link}>
      <Await of={releases}>
        {() =>
          newest ? (
            <FunnelBars funnel={newest.funnel} />
          ) : (
            <Empty title={t("releases.empty")}>{t("releases.empty.next")}</Empty>
          )
        }
      </Await>
    </Card>
  );
}
