import { MarkedText } from "../shared/marked-text.tsx";
import type { Opened } from "./opened.ts";
import { Pair } from "../shared/pair.tsx";
import { strings } from "./strings.ts";

/** What was asked and answered, and with which settings. */
export function RequestTab({ shown: { trace } }: { readonly shown: Opened }) {
  const parameters = Object.entries(trace.parameters);
  return (
    <div class="request">
      <h3>{strings.prompt}</h3>
      <Text text={trace.prompt} />
      <h3>{strings.completion}</h3>
      <Text text={trace.completion} />
      <div class="columns">
        <div>
          <h3>{strings.parameters}</h3>
          <dl class="pairs">
            {parameters.map(([key, value]) => <Pair key={key} name={key} value={JSON.stringify(value)} code />)}
          </dl>
        </div>
        {trace.engine !== null && (
          <div>
            <h3>{strings.engine}</h3>
            <dl class="pairs">
              {Object.entries(trace.engine).map(([key, value]) => <Pair key={key} name={key} value={value ?? ""} code />)}
            </dl>
          </div>
        )}
      </div>
    </div>
  );
}

const Text = ({ text }: { readonly text: string | null }) => (text === null ? <p class="muted"><MarkedText text={strings.notRecorded} /></p> : <pre>{text}</pre>);
