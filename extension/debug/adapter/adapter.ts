import { Scope, Source, Thread } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Translate } from "../../translate.ts";
import { AnsweringSession } from "./answering-session.ts";
import { completionsOf, readConsole } from "./console.ts";
import { Course, threadId, type AdapterOptions, type Move } from "./course.ts";
import { exceptionDraft, exceptionFilters, functionDraft, lineDraft } from "./editor-breakpoints.ts";
import type { Entry } from "./breakpoint-table.ts";
import { valueNode, type Node } from "./nodes.ts";
import { frameIds } from "./place-view.ts";
import { scopesOf } from "./scopes.ts";
import { attachOf, launchOf } from "./start.ts";
import { branchName } from "./token-lines.ts";

const capabilities = {
  supportsConfigurationDoneRequest: true, supportsStepBack: true, supportsGotoTargetsRequest: true, supportsTerminateRequest: true, supportsSetVariable: true,
  supportsFunctionBreakpoints: true, supportsConditionalBreakpoints: true, supportsExceptionFilterOptions: true, supportsExceptionInfoRequest: true,
  supportsEvaluateForHovers: true, supportsCompletionsRequest: true,
} as const satisfies DebugProtocol.Capabilities;

/** Debugs the generation of an answer, over the Debug Adapter Protocol. Knows the daemon's API and nothing of VS Code. */
export class InfernoDebugAdapter extends AnsweringSession {
  readonly #t: Translate;
  readonly #course: Course;

  constructor(options: AdapterOptions) {
    super();
    this.#t = options.t;
    this.#course = new Course(options, (event) => this.sendEvent(event));
    // A line of a token document, counted from 0, is the token's number.
    this.setDebuggerLinesStartAt1(false);
    this.setDebuggerColumnsStartAt1(false);
  }

  /** The editor has closed without a word: nobody needs the session any more. */
  override dispose(): void {
    this.#course.end().catch(() => undefined);
  }

  protected override initializeRequest(response: DebugProtocol.InitializeResponse): void {
    response.body = { ...capabilities, exceptionBreakpointFilters: exceptionFilters(this.#t) };
    this.sendResponse(response);
  }

  protected override launchRequest(response: DebugProtocol.LaunchResponse, args: DebugProtocol.LaunchRequestArguments): void {
    this.answer(response, async () => await this.#course.start(launchOf(args, this.#t)));
  }

  protected override attachRequest(response: DebugProtocol.AttachResponse, args: DebugProtocol.AttachRequestArguments): void {
    this.answer(response, async () => await this.#course.start(attachOf(args)));
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.answer(response, () => undefined, async () => await this.#course.enter());
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    this.answer(response, async () => await this.#course.end());
  }

  protected override terminateRequest(response: DebugProtocol.TerminateResponse): void {
    this.answer(response, async () => await this.#course.end(), () => this.#course.terminated());
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    response.body = { threads: [new Thread(threadId, this.#course.name)] };
    this.sendResponse(response);
  }

  protected override nextRequest(response: DebugProtocol.NextResponse): void {
    this.#go(response, { do: "step", by: "token", count: 1 });
  }

  protected override stepInRequest(response: DebugProtocol.StepInResponse): void {
    this.answer(response, () => this.#course.standing, async ({ place }) => {
      if (await place.stageIn()) this.#course.stopped({ reason: "step", description: this.#t("In the sampler") });
      else await this.#course.move({ do: "step", by: "token", count: 1 });
    });
  }

  protected override stepOutRequest(response: DebugProtocol.StepOutResponse): void {
    this.answer(response, () => this.#course.standing, async ({ place }) => {
      if (place.stageOut()) this.#course.stopped({ reason: "step", description: this.#t("After a step") });
      else await this.#course.move({ do: "step", by: "turn", count: 1 });
    });
  }

  protected override stepBackRequest(response: DebugProtocol.StepBackResponse): void {
    this.answer(response, () => this.#course.standing, async ({ place }) => {
      if (place.stageBack()) this.#course.stopped({ reason: "step", description: this.#t("In the sampler") });
      else await this.#course.move({ do: "back", by: "token", count: 1 });
    });
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    response.body = { allThreadsContinued: true };
    this.answer(response, () => this.#course.standing, async ({ debuggee: { state } }) => {
      // At the very end there is nothing to go on with: as a program that has run to its end, it is over.
      if (state.reason !== "end" || state.turnsLeft > 0) return await this.#course.move({ do: "continue" });
      await this.#course.end();
      this.#course.terminated();
    });
  }

  protected override reverseContinueRequest(response: DebugProtocol.ReverseContinueResponse): void {
    this.#go(response, { do: "reverse" });
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    this.answer(response, async () => await this.#course.running.debuggee.pause());
  }

  protected override gotoTargetsRequest(response: DebugProtocol.GotoTargetsResponse, { source, line }: DebugProtocol.GotoTargetsArguments): void {
    this.answer(response, () => {
      const { debuggee } = this.#course.running;
      const index = this.convertClientLineToDebugger(line);
      const here = source.path === debuggee.uri;
      response.body = { targets: here ? [{ id: index, label: this.#t("token {0}", index), line }] : [] };
    });
  }

  protected override gotoRequest(response: DebugProtocol.GotoResponse, { targetId }: DebugProtocol.GotoArguments): void {
    this.#go(response, { do: "goto", token: targetId });
  }

  protected override stackTraceRequest(response: DebugProtocol.StackTraceResponse): void {
    this.answer(response, async () => {
      const { debuggee: { state, uri }, place } = this.#course.running;
      const source = new Source(branchName(state, state.at.trace), uri);
      const stackFrames = (await place.frames()).map(({ id, name, line, isLabel }): DebugProtocol.StackFrame => ({
        id, name, source, line: this.convertDebuggerLineToClient(line), column: 1, presentationHint: isLabel ? "subtle" : "normal",
      }));
      response.body = { stackFrames, totalFrames: stackFrames.length };
    });
  }

  protected override scopesRequest(response: DebugProtocol.ScopesResponse, { frameId }: DebugProtocol.ScopesArguments): void {
    this.answer(response, async () => {
      const { debuggee, place } = this.#course.running;
      const nodes = scopesOf({
        state: debuggee.state, token: await place.token(), stage: frameId === frameIds.stage ? place.stage : null, t: this.#t,
        trace: async () => await debuggee.trace(),
        change: async (action) => await this.#course.move(action),
      });
      response.body = { scopes: nodes.map((node) => new Scope(node.name, this.#course.nodes.referenceOf(node), false)) };
    });
  }

  protected override variablesRequest(response: DebugProtocol.VariablesResponse, { variablesReference }: DebugProtocol.VariablesArguments): void {
    this.answer(response, async () => {
      response.body = { variables: (await this.#course.nodes.below(variablesReference)).map((node) => this.#variable(node)) };
    });
  }

  protected override setVariableRequest(response: DebugProtocol.SetVariableResponse, { variablesReference, name, value }: DebugProtocol.SetVariableArguments): void {
    this.answer(response, async () => {
      const node = (await this.#course.nodes.below(variablesReference)).find((each) => each.name === name);
      if (node?.set === undefined) throw new InfernoError("invalid_request", this.#t("{0} cannot be changed.", name), { hint: this.#t("Change the token's id or text, a setting of the sampler, or the current branch.") });
      response.body = { value: await node.set(value) };
    });
  }

  protected override evaluateRequest(response: DebugProtocol.EvaluateResponse, { expression, context }: DebugProtocol.EvaluateArguments): void {
    this.answer(response, async () => {
      const { debuggee } = this.#course.standing;
      const typed = context === "repl" ? readConsole(expression, debuggee.state, this.#t) : null;
      if (typed === null) {
        const { value, type } = await debuggee.evaluate(expression);
        const node = valueNode(expression, value);
        response.body = { result: node.value, type, variablesReference: this.#course.nodes.referenceOf(node) };
      } else if ("print" in typed) response.body = { result: typed.print, variablesReference: 0 };
      else {
        await this.#course.move(typed.action);
        response.body = { result: branchName(debuggee.state, debuggee.state.at.trace), variablesReference: 0 };
      }
    });
  }

  protected override completionsRequest(response: DebugProtocol.CompletionsResponse, { text, column }: DebugProtocol.CompletionsArguments): void {
    const targets = completionsOf(text, this.convertClientColumnToDebugger(column))
      .map(({ label, type, start, length }): DebugProtocol.CompletionItem => ({ label, type, start: this.convertDebuggerColumnToClient(start), length }));
    response.body = { targets };
    this.sendResponse(response);
  }

  protected override exceptionInfoRequest(response: DebugProtocol.ExceptionInfoResponse): void {
    response.body = { exceptionId: this.#course.exception ?? this.#t("none"), breakMode: "always" };
    this.sendResponse(response);
  }

  protected override setBreakPointsRequest(response: DebugProtocol.SetBreakpointsResponse, { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments): void {
    this.answer(response, async () => {
      const uri = source.path ?? "";
      const { debuggee } = this.#course.running;
      if (!debuggee.owns(uri)) {
        response.body = { breakpoints: breakpoints.map(() => ({ verified: false, message: this.#t("This document shows no branch of the debug session.") })) };
        return;
      }
      const drafts = breakpoints.map(({ line, condition }) => lineDraft(uri, this.convertClientLineToDebugger(line), condition));
      const entries = await debuggee.setBreakpoints(uri, drafts);
      response.body = { breakpoints: entries.map((entry, at) => ({ ...breakpointOf(entry), line: breakpoints[at]?.line ?? 1 })) };
    });
  }

  protected override setFunctionBreakPointsRequest(response: DebugProtocol.SetFunctionBreakpointsResponse, { breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments): void {
    this.answer(response, async () => {
      const entries = await this.#course.running.debuggee.setBreakpoints("functions", breakpoints.map((breakpoint) => functionDraft(breakpoint, this.#t)));
      response.body = { breakpoints: entries.map(breakpointOf) };
    });
  }

  protected override setExceptionBreakPointsRequest(response: DebugProtocol.SetExceptionBreakpointsResponse, { filters, filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments): void {
    this.answer(response, async () => {
      const asked = [...filters.map((filterId) => ({ filterId })), ...filterOptions];
      const entries = await this.#course.running.debuggee.setBreakpoints("exceptions", asked.map((each) => exceptionDraft(each, this.#t)));
      response.body = { breakpoints: entries.map(breakpointOf) };
    });
  }

  #go(response: DebugProtocol.Response, action: Move): void {
    this.answer(response, () => this.#course.standing, async () => await this.#course.move(action));
  }

  protected override failed(error: InfernoError): void {
    this.#course.failed(error);
  }

  #variable(node: Node): DebugProtocol.Variable {
    const variable: DebugProtocol.Variable = { name: node.name, value: node.value, variablesReference: this.#course.nodes.referenceOf(node) };
    if (node.evaluateName !== undefined) variable.evaluateName = node.evaluateName;
    if (node.set === undefined) variable.presentationHint = { attributes: ["readOnly"] };
    return variable;
  }
}

const breakpointOf = ({ id, error }: Entry): DebugProtocol.Breakpoint => (error === null ? { id, verified: true } : { id, verified: false, message: error });
