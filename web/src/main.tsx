import { render } from "preact";
import { App } from "./app/app";
import { followLinks } from "./lib/navigation";
import { applySettings } from "./lib/settings";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/form.css";
import "./style/data.css";
import "./style/journey.css";
import "./style/life.css";
import "./style/chart.css";

applySettings();
followLinks();
const root = document.getElementById("app");
if (root) {
  render(<App />, root);
}
