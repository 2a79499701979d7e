import { apiUrl } from "../api/client";
import type { AuditEntry } from "../api/types";
import { useText } from "../i18n";
import { dateTime } from "../lib/format";
import { useDocument } from "../lib/load";
import { address, type Query } from "../lib/router";
import { Await, Empty, PageHead } from "../ui/parts";
import { Table, type Column } from "../ui/table";

const kPageSize = 50;

export function AuditPage({ query }: { query: Query }) {
  const { t } = useText();
  const log = useDocument<{ entries: AuditEntry[]; next: number | null }>(
    apiUrl("/audit", { after: query.after, limit: kPageSize }),
  );
  const columns = useColumns();
  return (
    <>
      <PageHead title={t("nav.audit")} subtitle={t("audit.lead")} />
      <Await of={log}>
        {(data) => (
          <>
            <div class="card">
              {data.entries.length === 0 ? (
                <Empty title={t("audit.empty")} />
              ) : (
                <Table label={t("nav.audit")} columns={columns} rows={data.entries} id={(row) => row.id} />
              )}
            </div>
            {data.next !== null && (
              <nav class="row" aria-label={t("pages")}>
                <a class="button" href={address("audit", "", { after: String(data.next) })}>
                  {t("pages.next")}
                </a>
              </nav>
            )}
          </>
        )}
      </Await>
    </>
  );
}

function useColumns(): Column<AuditEntry>[] {
  const { t, named, language } = useText();
  return [
    { name: t("time"), cell: (row) => <span class="number">{dateTime(row.time, language)}</span> },
    { name: t("user"), cell: (row) => row.user || <span class="soft">–</span> },
    { name: t("audit.action"), cell: (row) => named("action", row.action) },
    { name: t("audit.subject"), kind: "wide", cell: (row) => <span class="wrap">{row.subject}</span> },
    { name: t("audit.address"), kind: "wide", cell: (row) => <span class="mono">{row.address}</span> },
  ];
}
