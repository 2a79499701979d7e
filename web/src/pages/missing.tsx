import { useText } from "../i18n";
import { address } from "../lib/router";
import { Empty, PageHead } from "../ui/parts";

export function MissingPage() {
  const { t } = useText();
  return (
    <>
      <PageHead title={t("missing.title")} />
      <Empty title={t("missing.text")}>
        <a class="button" href={address("overview")}>
          {t("nav.overview")}
        </a>
      </Empty>
    </>
  );
}
