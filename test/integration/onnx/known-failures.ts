/** Why a model of the conformance tests does not give what it has to. */
export interface KnownFailure {
  readonly why: string;
  /** Of the test's name. */
  readonly name?: RegExp;
  /** Of what was said of it. */
  readonly message?: RegExp;
  /** Chance or the machine decides: such tests are listed whatever they did. */
  readonly mayPass?: boolean;
}

export const knownFailures: readonly KnownFailure[] = [
  { why: "takes or gives sequences or optionals: Inferno's sessions take and give tensors, as onnxruntime's binding for Node does", message: /is not a tensor|None of the graph's outputs is a tensor/ },
  { why: "takes or gives bfloat16, for which JavaScript has no tensors", message: /input or output of bfloat16/ },
  { why: "operators of training, which onnxruntime's builds for inference leave out", message: /ai\.onnx\.preview\.training/ },
  { why: "onnxruntime has no code for this operator with these types, or in a version from before opset 7", message: /Could not find an implementation/ },
  { why: "onnxruntime's recurrent operators take the time first only", message: /layout == 1/ },
  { why: "draws random numbers, and the expected ones are of another generator", name: /^test_(?:bernoulli.*|training_dropout(?:_default)?(?:_mask)?)$/, mayPass: true },
  { why: "wants the system's locale en_US.UTF-8, which is not installed everywhere", name: /strnorm.*_(?:lower|upper|empty_output|twodim)$/, mayPass: true },
  { why: "single precision leaves about 1e-6 to 1e-4 where exactly 0 is expected", name: /^test_(?:dft|stft)/, message: /should have 0\./ },
  { why: "onnxruntime writes numbers with nine digits, where the shortest text that reads the same is expected", name: /FLOAT_to_STRING/ },
  { why: "onnxruntime computes the place of a value otherwise", name: /^test_(?:maxunpool_export_with_output_shape|resize_downsample_scales_(?:cubic|linear)_align_corners)$/ },
];

export interface Outcome {
  readonly group: string;
  readonly name: string;
  /** Null when it passed. */
  readonly problem: string | null;
}

export const reasonOf = ({ name, problem }: Outcome): KnownFailure | undefined =>
  knownFailures.find((known) => (known.name?.test(name) ?? true) && (known.mayPass === true || (problem !== null && (known.message?.test(problem) ?? true))));

/** The reference page: what does not pass, by its reason. */
export function conformancePage(outcomes: readonly Outcome[], engine: string): string {
  const listed = outcomes.filter((outcome) => outcome.problem !== null || reasonOf(outcome)?.mayPass === true);
  const groups = [...new Set(outcomes.map(({ group }) => group))];
  const rows = groups.map((group) => {
    const all = outcomes.filter((outcome) => outcome.group === group).length;
    const off = listed.filter((outcome) => outcome.group === group).length;
    return `| ${group} | ${all} | ${all - off} | ${off} |`;
  });
  const sections = knownFailures.flatMap((known) => {
    const names = listed.filter((outcome) => reasonOf(outcome) === known).map(({ group, name }) => `\`${group}/${name}\``);
    return names.length === 0 ? [] : [`**${names.length}: ${known.why}${known.mayPass === true ? " (some of them may pass)" : ""}.** ${names.join(", ")}`];
  });
  return [
    "# ONNX conformance", "",
    "The ONNX project's operator tests, as Debian's `libonnx-testdata` 1.12 packs them, through Inferno's own sessions: one model and one run each, compared as the project's",
    `runner compares (relative 1e-3, absolute 1e-7). Measured with ${engine} on the CPU, one thread. Written by \`UPDATE_GOLDEN=1\` with \`test/integration/onnx/conformance.test.ts\`,`,
    "which fails when a test that passed fails, or one that is listed passes.", "",
    "| group | tests | pass | listed below |", "| --- | --- | --- | --- |", ...rows, "",
    ...sections.flatMap((section) => [section, ""]),
  ].join("\n");
}
