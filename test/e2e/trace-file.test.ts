import { test } from "node:test";
import { contentOf } from "../../protocol/trace-file/request-trace.ts";
import { encodeWhole } from "../../protocol/trace-file/whole.ts";
import { strings } from "../../webviews/flame/strings.ts";
import { withInferno } from "../drivers/inferno-session.ts";
import { flame } from "../drivers/panel-pages.ts";
import { sampleTrace } from "../drivers/panels/sample-trace.ts";

test("a trace file opens as a flame graph, without the daemon; a damaged one says what is wrong", async () => {
  const trace = await encodeWhole(contentOf(sampleTrace({ id: "tr_in_a_file", layers: 2 })));
  const files = { "slow.inferno-trace": trace, "broken.inferno-trace": "<img src=x onerror=alert(1)> is no trace" };
  await withInferno("trace-file", { files, settings: { "inferno.daemon.autoStart": false } }, async ({ open }) => {
    const editor = await open();
    await editor.openCustom("slow.inferno-trace");
    const panel = await flame(editor);
    await panel.graph().waitFor();
    await panel.frame.getByText("slow.inferno-trace").waitFor();
    await panel.frame.getByText("tr_in_a_file").waitFor();
    await panel.graph().press(".");
    await panel.details().getByRole("heading", { name: "prefill" }).waitFor();
    await panel.graph().press("2");
    await panel.frame.getByRole("button", { name: strings.modes.heavy, pressed: true }).waitFor();

    await editor.palette("View: Close All Editors");
    await editor.openCustom("broken.inferno-trace");
    await (await flame(editor)).frame.getByRole("alert").getByText("trace_file_invalid").waitFor();
  });
});
