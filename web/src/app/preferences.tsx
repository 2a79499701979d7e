// Language and theme.
import { useText } from "../i18n";
import { kThemes, language, theme, type Language } from "../lib/settings";
import { useStore } from "../lib/store";
import { Choice } from "../ui/choice";

// Each language in its own words, so that whoever cannot read the other finds it.
const kNames: { value: Language; text: string }[] = [
  { value: "en", text: "English" },
  { value: "zh", text: "中文" },
];

export function Preferences() {
  const { t } = useText();
  const chosenLanguage = useStore(language);
  const chosenTheme = useStore(theme);
  const themes = kThemes.map((value) => ({ value, text: t(`theme.${value}`) }));
  return (
    <div class="preferences">
      <Choice label={t("language")} options={kNames} value={chosenLanguage} choose={language.set} />
      <Choice label={t("theme")} options={themes} value={chosenTheme} choose={theme.set} />
    </div>
  );
}
