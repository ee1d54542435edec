import { render } from "preact";

// First, so that the styles of single features come after them.
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import { joinTabs } from "./api/tabs";
import { App } from "./app";

void joinTabs().then(() => render(<App />, document.getElementById("app")!));
