// The fleet by product and label; and what the devices of one group measure together.
import { useState } from "preact/hooks";
import { apiUrl } from "../api/client";
import { useLive } from "../api/live";
import type { Group, GroupStatistics, Overview, Series } from "../api/types";
import { Chart, type Line } from "../charts/chart";
import { useText } from "../i18n";
import { count, measure } from "../lib/format";
import { useDocument } from "../lib/load";
import { go } from "../lib/navigation";
import { address, type Query } from "../lib/router";
import { Choice } from "../ui/choice";
import { FactList } from "../ui/fact_list";
import { Select } from "../ui/form";
import { Await, Badge, Card, Empty, PageHead } from "../ui/parts";
import { Table, type Column } from "../ui/table";

export function GroupsPage({ query }: { query: Query }) {
  const { t } = useText();
  const groups = useDocument<{ groups: Group[] }>(apiUrl("/groups"));
  useLive("", { onOverview: groups.reload });
  const columns = useColumns();
  return (
    <>
      <PageHead title={t("nav.groups")} subtitle={t("groups.lead")} />
      <Await of={groups}>
        {(data) => (
          <div class="card">
            {data.groups.length === 0 ? (
              <Empty title={t("groups.empty")}>{t("groups.empty.next")}</Empty>
            ) : (
              <Table label={t("nav.groups")} columns={columns} rows={data.groups} id={keyOf} />
            )}
          </div>
        )}
      </Await>
      <Analysis query={query} />
    </>
  );
}

const keyOf = ({ product, group }: Group) => `${product}\n${group}`;

function useColumns(): Column<Group>[] {
  const { t, language } = useText();
  return [
    {
      name: t("filter.product"),
      cell: ({ product, group }) => <a href={address("groups", "", { product, group })}>{product || t("none")}</a>,
    },
    { name: t("filter.group"), cell: ({ group }) => group || <span class="soft">{t("none")}</span> },
    {
      name: t("nav.devices"),
      kind: "number",
      cell: ({ product, group, devices }) => (
        <a href={address("devices", "", { product, group })}>{count(devices, language)}</a>
      ),
    },
    { name: t("device.online"), kind: "number", cell: (row) => count(row.online, language) },
    {
      name: t("device.silent"),
      kind: "wide number",
      cell: (row) => (row.silent > 0 ? <Badge tone="warn">{count(row.silent, language)}</Badge> : 0),
    },
    {
      name: t("overview.versions"),
      kind: "wide",
      cell: (row) => <span class="wrap">{versionsOf(row, t("version.unknown"))}</span>,
    },
  ];
}

const kMostVersions = 3;

function versionsOf({ versions }: Group, unknown: string): string {
  return Object.entries(versions)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, kMostVersions)
    .map(([version, devices]) => `${version || unknown}: ${devices}`)
    .join(", ");
}

// Of the group that the address names; of all devices where it names none.
function Analysis({ query }: { query: Query }) {
  const { t } = useText();
  const { product = "", group = "" } = query;
  const names = useDocument<Overview>(apiUrl("/overview")).data?.reading_names ?? [];
  const name = query.name || names[0]?.name || "";
  const choose = (chosen: string) => go(address("groups", "", { product, group, name: chosen }), "replace");
  const title = [product, group].filter((part) => part !== "").join(" · ") || t("groups.all");
  if (name === "") {
    return null;
  }
  return (
    <Card title={title}>
      <Select
        label={t("groups.reading")}
        name="reading"
        value={name}
        choose={choose}
        options={names.map((one) => ({ value: one.name, text: one.unit ? `${one.name} (${one.unit})` : one.name }))}
      />
      <GroupReadings product={product} group={group} name={name} />
    </Card>
  );
}

const kDays = { day: 1, week: 7, month: 30 } as const;
type Range = keyof typeof kDays;

function GroupReadings({ product, group, name }: { product: string; group: string; name: string }) {
  const { t } = useText();
  const [range, setRange] = useState<Range>("week");
  const from = Math.floor(Date.now() / 3_600_000) * 3600 - kDays[range] * 86400;
  const series = useDocument<Series>(apiUrl("/series", { name, product, group, from }));
  const statistics = useDocument<GroupStatistics>(apiUrl("/statistics", { name, product, group, from }));
  const ranges = (Object.keys(kDays) as Range[]).map((value) => ({ value, text: t(`range.${value}`) }));
  return (
    <div class="reading-chart">
      <div class="row middle">
        <h3 class="grow wrap">{name}</h3>
        <Choice label={t("range")} options={ranges} value={range} choose={setRange} />
      </div>
      <Await of={series}>
        {(data) =>
          data.time.length < 2 ? <Empty title={t("chart.empty")}>{t("groups.hours")}</Empty> : <Lines series={data} />
        }
      </Await>
      {statistics.data && <Described statistics={statistics.data} />}
    </div>
  );
}

function Lines({ series }: { series: Series }) {
  const { t } = useText();
  const lines: Line[] = [
    { name: t("stat.mean"), values: series.mean, colour: "accent" },
    { name: t("stat.max"), values: series.max, colour: "accent", look: "edge" },
    { name: t("stat.min"), values: series.min, colour: "accent", look: "edge" },
  ];
  return <Chart label={series.name} unit={series.unit} time={series.time} lines={lines} isBand />;
}

function Described({ statistics }: { statistics: GroupStatistics }) {
  const { t, language } = useText();
  const value = (number: number | null) => (number === null ? "–" : `${measure(number, language)} ${statistics.unit}`);
  return (
    <>
      <FactList
        isSlim
        facts={[
          [t("nav.devices"), count(statistics.devices, language)],
          [t("stat.min"), value(statistics.min)],
          [t("stat.mean"), value(statistics.mean)],
          [t("stat.max"), value(statistics.max)],
        ]}
      />
      {statistics.outliers.length > 0 && (
        <>
          <h3>{t("groups.unusual")}</h3>
          <ul>
            {statistics.outliers.map((one) => (
              <li key={one.device}>
                <a class="wrap" href={address("device", one.device)}>
                  {one.device}
                </a>{" "}
                {value(one.mean)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
