/** What ran of one test file. */
export interface JunitSuite {
  /** The file. */
  readonly name: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly cases: readonly { readonly name: string; readonly failures: readonly string[] }[];
  /** Why the file could not be run at all. */
  readonly errors: readonly string[];
}

/** The suites as JUnit XML, in the shape in which newer promtools write it. */
export function formatJunit(suites: readonly JunitSuite[]): string {
  return `<testsuites>${suites.map(suiteXml).join("")}</testsuites>`;
}

function suiteXml({ name, timestamp, cases, errors }: JunitSuite): string {
  const all = errors.length > 0 ? [...cases, { name: "unknown", failures: [] }] : cases;
  const failures = cases.reduce((sum, one) => sum + one.failures.length, 0);
  const head = [
    ["name", name],
    ["tests", all.length],
    ["failures", failures],
    ["errors", errors.length],
    ["skipped", 0],
    ["timestamp", timestamp],
  ]
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join("");
  const body = all.map((one, i) => {
    const isBroken = errors.length > 0 && i === all.length - 1;
    const error = isBroken ? `<error>${escaped(errors.join("\n"))}</error>` : "";
    const failed = one.failures.map((text) => `<failure>${escaped(text)}</failure>`).join("");
    return `<testcase name="${escaped(one.name)}">${failed}${error}</testcase>`;
  });
  return `<testsuite${head}>${body.join("")}</testsuite>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "\n": "&#xA;",
  "\t": "&#x9;",
  "\r": "&#xD;",
};

/** Characters that XML cannot hold at all become the one that stands for what cannot be shown. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"\n\t\r]/g, (sign) => ENTITIES[sign] ?? sign)
    .replace(/[^\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
