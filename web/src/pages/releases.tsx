import { apiUrl } from "../api/client";
import { useLive } from "../api/live";
import type { Release } from "../api/types";
import { useText } from "../i18n";
import { count, percent } from "../lib/format";
import { useDocument } from "../lib/load";
import { address } from "../lib/router";
import { Meter } from "../ui/bars";
import { Await, Badge, Empty, PageHead } from "../ui/parts";
import { Table, type Column } from "../ui/table";
import { Ago } from "../ui/time";

export function ReleasesPage() {
  const { t } = useText();
  const releases = useDocument<{ releases: Release[] }>(apiUrl("/releases"));
  useLive("", { onOverview: releases.reload });
  const columns = useColumns();
  return (
    <>
      <PageHead title={t("nav.releases")} subtitle={t("releases.lead")} />
      <Await of={releases}>
        {(data) => (
          <div class="card">
            {data.releases.length === 0 ? (
              <Empty title={t("releases.empty")}>
                <p>{t("releases.empty.next")}</p>
                <pre tabIndex={0}>
                  {
                    "ferry release --product meter.product --version 2.0.0 \\\n  --image meter.bin --key release.pem --repo repo\nferry publish repo ftp://user@host/"
                  }
                </pre>
              </Empty>
            ) : (
              <Table label={t("nav.releases")} columns={columns} rows={data.releases} id={(row) => row.version} />
            )}
          </div>
        )}
      </Await>
    </>
  );
}

function useColumns(): Column<Release>[] {
  const { t, language } = useText();
  return [
    {
      name: t("release"),
      cell: (row) => (
        <span class="stack">
          <a href={address("release", row.version)}>{row.version}</a>
          <span class="soft small">
            <Ago time={row.first_seen} />
          </span>
        </span>
      ),
    },
    {
      name: t("releases.share"),
      cell: (row) => (
        <span class="stack share">
          <span class="number">
            {percent(row.share, language, 1)}{" "}
            <span class="soft small">{t("releases.running", { count: count(row.running, language) })}</span>
          </span>
          <Meter share={row.share} tone="good" />
        </span>
      ),
    },
    { name: t("releases.in_progress"), kind: "wide number", cell: (row) => count(row.in_progress, language) },
    { name: t("outcome.confirmed"), kind: "wide number", cell: (row) => count(row.funnel.confirmed, language) },
    { name: t("releases.trouble"), cell: (row) => <Trouble release={row} /> },
  ];
}

function Trouble({ release }: { release: Release }) {
  const { t, language } = useText();
  const { refused, reverted, failed } = release.funnel;
  const trouble = refused + reverted + failed;
  return trouble === 0 ? <Badge tone="good">{t("none")}</Badge> : <Badge tone="warn">{count(trouble, language)}</Badge>;
}
