import { useEffect, useState } from "preact/hooks";
import { apiUrl } from "../api/client";
import { useLive } from "../api/live";
import type { Device, DevicePage, Group } from "../api/types";
import { useText } from "../i18n";
import { count } from "../lib/format";
import { useDocument } from "../lib/load";
import { go } from "../lib/navigation";
import { address, type Query } from "../lib/router";
import { Select } from "../ui/form";
import { Icon } from "../ui/icons";
import { Await, Badge, Empty, PageHead } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Ago } from "../ui/time";

const kPageSize = 50;
const kTyping = 250; // ms
const kFilters = ["search", "product", "group", "version", "online", "silent"] as const;

export function DevicesPage({ query }: { query: Query }) {
  const { t, language } = useText();
  const filter = Object.fromEntries(kFilters.map((name) => [name, query[name] ?? ""]));
  const page = useDocument<DevicePage>(apiUrl("/devices", { ...filter, after: query.after, limit: kPageSize }));
  useLive("", { onOverview: page.reload });
  const total = page.data && t("devices.total", { count: count(page.data.total, language) });
  return (
    <>
      <PageHead title={t("nav.devices")} subtitle={total}>
        <a class="button" href={apiUrl("/export/devices", { format: "csv", ...filter })} download="devices.csv">
          <Icon name="download" />
          CSV
        </a>
      </PageHead>
      <Filters filter={filter} />
      <Await of={page}>{(data) => <Found page={data} filter={filter} isFirst={!query.after} />}</Await>
    </>
  );
}

function Filters({ filter }: { filter: Query }) {
  const { t } = useText();
  const groups = useDocument<{ groups: Group[] }>(apiUrl("/groups")).data?.groups ?? [];
  const change = (name: string) => (value: string) =>
    go(address("devices", "", { ...filter, [name]: value }), "replace");
  const select = (name: string, values: string[]) => (
    <Select
      label={t(`filter.${name}` as "filter.product")}
      name={name}
      value={filter[name] ?? ""}
      choose={change(name)}
      options={[{ value: "", text: t("filter.all") }, ...distinct(values).map((value) => ({ value, text: value }))]}
    />
  );
  return (
    <search class="row filters">
      <SearchField value={filter.search ?? ""} change={change("search")} />
      {select(
        "product",
        groups.map((group) => group.product),
      )}
      {select(
        "group",
        groups.map((group) => group.group),
      )}
      {select(
        "version",
        groups.flatMap((group) => Object.keys(group.versions)),
      )}
      <StateFilter filter={filter} />
    </search>
  );
}

function distinct(values: string[]): string[] {
  return [...new Set(values)].filter((value) => value !== "").sort();
}

// Online, offline and silent exclude each other for whoever looks, so they are one choice.
function StateFilter({ filter }: { filter: Query }) {
  const { t } = useText();
  const value = filter.silent === "true" ? "silent" : ({ true: "online", false: "offline" }[filter.online ?? ""] ?? "");
  const choose = (chosen: string) => {
    const online = { online: "true", offline: "false" }[chosen] ?? "";
    go(address("devices", "", { ...filter, online, silent: chosen === "silent" ? "true" : "" }), "replace");
  };
  const options = ["", "online", "offline", "silent"].map((state) => ({
    value: state,
    text: state === "" ? t("filter.all") : t(`device.${state}` as "device.online"),
  }));
  return <Select label={t("filter.state")} name="state" value={value} choose={choose} options={options} />;
}

// Searches while one types, a moment after the last key.
function SearchField({ value, change }: { value: string; change: (value: string) => void }) {
  const { t } = useText();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    const timer = setTimeout(() => text !== value && change(text), kTyping);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="field grow">
      <label for="search">{t("filter.search")}</label>
      <input
        id="search"
        type="search"
        value={text}
        placeholder={t("filter.search.hint")}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
}

function Found({ page, filter, isFirst }: { page: DevicePage; filter: Query; isFirst: boolean }) {
  const { t } = useText();
  if (page.devices.length === 0) {
    return <Nothing isFiltered={Object.values(filter).some((value) => value !== "")} />;
  }
  return (
    <>
      <div class="card">
        <Table label={t("nav.devices")} columns={useColumns()} rows={page.devices} id={(row) => row.device} />
      </div>
      <nav class="row" aria-label={t("pages")}>
        {!isFirst && (
          <a class="button" href={address("devices", "", filter)}>
            {t("pages.first")}
          </a>
        )}
        {page.next && (
          <a class="button" href={address("devices", "", { ...filter, after: page.next })}>
            {t("pages.next")}
          </a>
        )}
      </nav>
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useText();
  return (
    <div class="card">
      <Empty title={t(isFiltered ? "devices.none" : "overview.empty")}>
        <p>{t(isFiltered ? "devices.none.next" : "overview.empty.next")}</p>
        {isFiltered && (
          <a class="button" href={address("devices")}>
            {t("filter.clear")}
          </a>
        )}
      </Empty>
    </div>
  );
}

function useColumns(): Column<Device>[] {
  const { t } = useText();
  return [
    {
      name: t("device"),
      cell: (row) => (
        <span class="stack">
          <a href={address("device", row.device)}>{row.serial || row.device}</a>
          <span class="soft small wrap">{row.product}</span>
        </span>
      ),
    },
    { name: t("filter.state"), cell: (row) => <StateBadge device={row} /> },
    { name: t("filter.version"), cell: (row) => row.version ?? <span class="soft">–</span> },
    { name: t("filter.group"), kind: "wide", cell: (row) => row.group || <span class="soft">–</span> },
    { name: t("device.last_seen"), kind: "wide", cell: (row) => <Ago time={row.last_seen} /> },
  ];
}

// isAway: offline because it is on its way through an upgrade.
export function StateBadge({ device, isAway = false }: { device: Device; isAway?: boolean }) {
  const { t } = useText();
  if (device.online) {
    return <Badge tone="good">{t("device.online")}</Badge>;
  }
  if (isAway) {
    return <Badge tone="accent">{t("device.away")}</Badge>;
  }
  return device.silent ? <Badge tone="warn">{t("device.silent")}</Badge> : <Badge>{t("device.offline")}</Badge>;
}
