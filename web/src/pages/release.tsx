import { useMemo } from "preact/hooks";
import { apiUrl } from "../api/client";
import { useLive } from "../api/live";
import type { ReleaseDetail, StepTimes } from "../api/types";
import { Chart, type Line } from "../charts/chart";
import { useText } from "../i18n";
import { bytes, count, duration, percent } from "../lib/format";
import { useDocument } from "../lib/load";
import { address } from "../lib/router";
import { Bars } from "../ui/bars";
import { Await, Card, Empty, Figure, PageHead } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Ago } from "../ui/time";
import { FunnelBars } from "./overview/funnel";
import { Comparison } from "./release/comparison";

export function ReleasePage({ version }: { version: string }) {
  const { t } = useText();
  const release = useDocument<ReleaseDetail>(apiUrl(`/releases/${encodeURIComponent(version)}`));
  useLive("", { onOverview: release.reload });
  const first = release.data && (
    <>
      {t("release.first")} <Ago time={release.data.first_seen} />
    </>
  );
  return (
    <>
      <PageHead title={version} crumb={{ href: address("releases"), text: t("nav.releases") }} subtitle={first} />
      <Await of={release}>{(data) => <Rollout release={data} />}</Await>
    </>
  );
}

function Rollout({ release }: { release: ReleaseDetail }) {
  const { t } = useText();
  return (
    <>
      <Figures release={release} />
      <Card title={t("release.progress")}>
        {release.progress.length < 2 ? (
          <Empty title={t("chart.empty")}>{t("release.progress.next")}</Empty>
        ) : (
          <ProgressChart progress={release.progress} />
        )}
      </Card>
      <div class="grid">
        <Card title={t("overview.funnel")}>
          <FunnelBars funnel={release.funnel} />
        </Card>
        <Card title={t("release.reasons")}>
          <Reasons release={release} />
        </Card>
      </div>
      <Comparison comparison={release.comparison} />
      <Card title={t("release.steps")} flush>
        {release.steps.length === 0 ? <Empty title={t("release.steps.empty")} /> : <Steps steps={release.steps} />}
      </Card>
    </>
  );
}

function Figures({ release }: { release: ReleaseDetail }) {
  const { t, language } = useText();
  const { version, funnel } = release;
  const devices = address("devices", "", { version });
  return (
    <div class="figures">
      <Figure
        name={t("releases.share")}
        value={percent(release.share, language, 1)}
        note={t("releases.running", { count: count(release.running, language) })}
        href={devices}
      />
      <Figure
        name={t("releases.in_progress")}
        value={count(release.in_progress, language)}
        href={address("overview")}
      />
      <Figure name={t("outcome.confirmed")} value={count(funnel.confirmed, language)} href={devices} />
      <Figure name={t("outcome.reverted")} value={count(funnel.reverted, language)} href={address("alerts")} />
    </div>
  );
}

const kOutcomes = [
  ["confirmed", "good"],
  ["reverted", "warn"],
  ["refused", "bad"],
] as const;

function ProgressChart({ progress }: { progress: ReleaseDetail["progress"] }) {
  const { t } = useText();
  const time = useMemo(() => progress.map((point) => point.time), [progress]);
  const names = kOutcomes.map(([outcome]) => t(`outcome.${outcome}`)).join();
  const lines = useMemo<Line[]>(
    () =>
      kOutcomes.map(([outcome, colour]) => ({
        name: t(`outcome.${outcome}`),
        values: progress.map((point) => point[outcome]),
        colour,
        fill: outcome === "confirmed",
      })),
    [progress, names],
  );
  return <Chart label={t("release.progress")} time={time} lines={lines} height={15} />;
}

function Reasons({ release }: { release: ReleaseDetail }) {
  const { t, named } = useText();
  if (release.reasons.length === 0) {
    return <Empty title={t("release.reasons.empty")} />;
  }
  const bars = release.reasons.map((reason) => ({
    id: `${reason.kind} ${reason.error}`,
    name: `${t(`outcome.${reason.kind}`)}: ${reason.error ? named("code", reason.error) : t("release.reasons.unknown")}`,
    value: reason.devices,
    tone: reason.kind === "reverted" ? ("warn" as const) : ("bad" as const),
    note: t("release.reasons.times", { count: reason.events }),
  }));
  return <Bars bars={bars} />;
}

function Steps({ steps }: { steps: StepTimes[] }) {
  const { t, language } = useText();
  const columns: Column<StepTimes>[] = [
    { name: t("step"), cell: (row) => t(`funnel.${row.step}`) },
    { name: t("step.count"), kind: "number", cell: (row) => count(row.count, language) },
    { name: t("step.median"), kind: "number", cell: (row) => duration(row.median_milliseconds) },
    { name: t("step.p95"), kind: "wide number", cell: (row) => duration(row.p95_milliseconds) },
    { name: t("step.bytes"), kind: "wide number", cell: (row) => bytes(Math.round(row.mean_bytes)) },
  ];
  return <Table label={t("release.steps")} columns={columns} rows={steps} id={(row) => row.step} />;
}
