import "../shared/no-eval.ts";
import "../shared/elements.ts";
import "./tokens.css";
import { TokensSession } from "../../protocol/panels/tokens-session.ts";
import { ToTokens, type FromTokens } from "../../protocol/panels/tokens.ts";
import { openHost } from "../shared/host.ts";
import { mount } from "../shared/mount.tsx";
import { LockedPage } from "../shared/notice.tsx";
import { Store } from "../shared/store.ts";
import { watchTheme } from "../shared/watch-theme.ts";
import { App } from "./app.tsx";
import { reduceTokens } from "./model.ts";
import { fromSaved, toSaved } from "./saved.ts";

watchTheme(() => {});

// Messages that come before the store exists would need a host that was made later: nothing is asked for before the end.
let deliver: (message: ToTokens) => void = () => {};
const host = openHost<FromTokens, ToTokens>({
  name: "tokens",
  incoming: ToTokens,
  onMessage: (message) => deliver(message),
  connect: ({ client, post, openTrace }) => {
    const session = new TokensSession({ client, post, openFlame: openTrace, traceId: new URLSearchParams(location.search).get("trace") });
    // A request that is paused must go on when nobody looks any more.
    window.addEventListener("pagehide", () => void session.dispose());
    return session;
  },
});

if (host === null) {
  mount(<LockedPage refused={false} />);
} else {
  const store = new Store(reduceTokens, fromSaved(host.load()));
  deliver = (message) => store.dispatch({ type: "received", message });
  const open = (traceId: string) => {
    store.dispatch({ type: "opening", traceId });
    host.post({ type: "open", traceId });
  };
  window.addEventListener("pagehide", () => host.save(toSaved(store.state)));
  mount(<App context={{ store, post: (message) => host.post(message), open }} inEditor={host.inEditor} />);
  host.post({ type: "ready" });
}
