import type { DebugProtocol } from "@vscode/debugprotocol";
import { InfernoDebugAdapter } from "../../extension/debug/adapter/adapter.ts";
import type { Client } from "../../protocol/client/index.ts";
import { eventually } from "./eventually.ts";

type Body = Record<string, never>;

/** An editor as the debug adapter sees it: sends requests of the protocol, and collects what comes back. */
export class DebugClient {
  readonly events: DebugProtocol.Event[] = [];
  /** Texts of the token documents, by address. */
  readonly documents = new Map<string, string>();
  readonly #adapter: InfernoDebugAdapter;
  readonly #waiting = new Map<number, (response: DebugProtocol.Response) => void>();
  #seq = 0;
  #seen = 0;

  constructor(client: () => Promise<Client>) {
    const showDocument = (uri: string, text: string): Promise<void> => {
      this.documents.set(uri, text);
      return Promise.resolve();
    };
    const t = (message: string, ...values: (string | number)[]): string => message.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));
    this.#adapter = new InfernoDebugAdapter({ client, folder: "a test", showDocument, t });
    this.#adapter.onDidSendMessage((message) => this.#receive(message as DebugProtocol.ProtocolMessage));
  }

  async send(command: string, args: object = {}): Promise<DebugProtocol.Response> {
    const seq = ++this.#seq;
    return await new Promise((resolve) => {
      this.#waiting.set(seq, resolve);
      this.#adapter.handleMessage({ seq, type: "request", command, arguments: args } as DebugProtocol.Request);
    });
  }

  /** The body of the answer; throws what the adapter says went wrong. */
  async ask<T = Body>(command: string, args: object = {}): Promise<T> {
    const response = await this.send(command, args);
    if (!response.success) throw new Error(response.message);
    return response.body as T;
  }

  /** The next event of a kind, of those that no call has returned. */
  async event<T = Body>(name: string): Promise<T> {
    return await eventually(`the event ${name}`, async () => {
      const at = this.events.findIndex(({ event }, index) => index >= this.#seen && event === name);
      if (at < 0) return undefined;
      this.#seen = at + 1;
      return await Promise.resolve((this.events[at]?.body ?? {}) as T);
    });
  }

  async initialize(): Promise<DebugProtocol.Capabilities> {
    return await this.ask("initialize", { adapterID: "inferno", linesStartAt1: true, columnsStartAt1: true, pathFormat: "path" });
  }

  /** Begins a session, with these breakpoints set, and resolves at its first stop. */
  async begin(request: "launch" | "attach", args: object, set: () => Promise<void> = async () => undefined): Promise<DebugProtocol.StoppedEvent["body"]> {
    await this.initialize();
    await this.ask(request, args);
    await this.event("initialized");
    await set();
    await this.ask("configurationDone");
    return await this.event("stopped");
  }

  /** Moves and resolves at the next stop. */
  async go(command: string, args: object = {}): Promise<DebugProtocol.StoppedEvent["body"]> {
    await this.ask(command, { threadId: 1, ...args });
    return await this.event("stopped");
  }

  async frames(): Promise<DebugProtocol.StackFrame[]> {
    return (await this.ask<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId: 1 })).stackFrames;
  }

  /** The number by which the rows of a scope of the top frame are asked for. */
  async scope(name: string): Promise<number> {
    const [top] = await this.frames();
    const { scopes } = await this.ask<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId: top?.id });
    const found = scopes.find((scope) => scope.name === name);
    if (found === undefined) throw new Error(`No scope ${name}; there are ${scopes.map((scope) => scope.name).join(", ")}`);
    return found.variablesReference;
  }

  async below(variablesReference: number): Promise<DebugProtocol.Variable[]> {
    return (await this.ask<DebugProtocol.VariablesResponse["body"]>("variables", { variablesReference })).variables;
  }

  async variables(scope: string): Promise<DebugProtocol.Variable[]> {
    return await this.below(await this.scope(scope));
  }

  async value(scope: string, name: string): Promise<string | undefined> {
    return (await this.variables(scope)).find((variable) => variable.name === name)?.value;
  }

  async set(scope: string, name: string, value: string): Promise<string> {
    const variablesReference = await this.scope(scope);
    return (await this.ask<DebugProtocol.SetVariableResponse["body"]>("setVariable", { variablesReference, name, value })).value;
  }

  async evaluate(expression: string, context = "watch"): Promise<string> {
    return (await this.ask<DebugProtocol.EvaluateResponse["body"]>("evaluate", { expression, context })).result;
  }

  /** What the debug console shows. */
  get output(): string {
    return this.events.filter(({ event }) => event === "output").map(({ body }) => (body as DebugProtocol.OutputEvent["body"]).output).join("");
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === "event") this.events.push(message as DebugProtocol.Event);
    if (message.type !== "response") return;
    const response = message as DebugProtocol.Response;
    this.#waiting.get(response.request_seq)?.(response);
    this.#waiting.delete(response.request_seq);
  }
}
