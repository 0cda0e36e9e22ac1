import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { checkTemplate, expandTemplate, type TemplateAnswers } from "./expand.ts";

const ANSWERS: TemplateAnswers = new Map([
  [
    'up{job="ach"}',
    [
      { labels: labelsOf({ instance: "b", job: "ach" }), timeMs: 0, value: 0 },
      { labels: labelsOf({ instance: "a", job: "ach" }), timeMs: 0, value: 1 },
    ],
  ],
  ["none", []],
  ["bad(", { error: "parse error" }],
]);

function expand(text: string, value = 0.078, answers = ANSWERS) {
  return expandTemplate(text, {
    labels: { service: "hms-ach", instance: "127.0.0.1:8000" },
    value,
    externalLabels: { region: "east" },
    externalUrl: "http://localhost:9090/ops",
    nowMs: 1_700_000_000_000,
    answers,
  });
}

describe("a rule's template", () => {
  const gives = (text: string, result: string, value?: number) =>
    expect(expand(text, value).text).toBe(result);
  const fails = (text: string, reason: string | RegExp) => {
    const { text: shown } = expand(text);
    expect(shown).toMatch(/^<error expanding template: .*>$/);
    expect(shown).toMatch(reason);
  };

  it("has texts of its own that it uses twice, and leaves ranges early", () => {
    gives(
      '{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" $value }}{{ template "t" "b" }}',
      "<0.078><b>",
    );
    gives('{{ block "t" 5 }}[{{ . }}]{{ end }}', "[5]");
    const each = '{{ range query "up{job=\\"ach\\"}" }}';
    gives(`${each}{{ break }}x{{ end }}|${each}{{ .Value }}{{ continue }}x{{ end }}`, "|01");
    fails('{{ template "t" }}', 'template "t" not defined');
    fails('{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}', "too deeply");
    fails('{{ define "t" }}{{ $value }}{{ end }}', 'undefined variable "$value"');
    fails("{{ break }}", "outside {{range}}");
    fails('{{ if true }}{{ define "t" }}{{ end }}{{ end }}', "unexpected {{define}}");
  });

  it("looks for parts of texts as Go does", () => {
    gives('{{ reReplaceAll "hms-(.)" "$1$1" $labels.service }}', "aach");
    gives('{{ match "c.$" $labels.service }} {{ match "^x" $labels.service }}', "true false");
    fails('{{ match "(" "x" }}', /missing|parenthes/);
    gives("{{ toTime 1700000000 }}", "2023-11-14 22:13:20 +0000 UTC");
  });

  it("names variables only where they are known", () => {
    gives("{{ if $x := $value }}{{ $x }}{{ else }}{{ $x }}{{ end }}", "0.078");
    fails("{{ if $x := $value }}{{ end }}{{ $x }}", 'undefined variable "$x"');
    fails("{{ $x = 5 }}", 'undefined variable "$x"');
    expect(checkTemplate("{{ $nothing }}")).toBe('undefined variable "$nothing"');
  });

  it("knows labels and value in both spellings", () => {
    gives("{{ $labels.service }} at {{ $value }}", "hms-ach at 0.078");
    gives("{{.Labels.service}} at {{.Value}}", "hms-ach at 0.078");
    gives("{{ $labels.absent }}|{{ $externalLabels.region }}", "|east");
    gives("{{ $externalURL }} {{ externalURL }} {{ pathPrefix }}", twice("/ops"));
  });

  function twice(path: string) {
    return `http://localhost:9090${path} http://localhost:9090${path} ${path}`;
  }

  it("prints numbers as Go does", () => {
    gives("{{ $value }}", "1.234567e+06", 1_234_567);
    gives("{{ $value }}", "123456.5", 123_456.5);
    gives("{{ $value }}", "1e-05", 0.00001);
    gives("{{ $value }}", "+Inf", Number.POSITIVE_INFINITY);
    gives(
      '{{ printf "%.2f%% %5.1f|%-6s|%06.1f %d %g" $value 2.25 "ab" 3.5 7 1e20 }}',
      "0.08%   2.3|ab    |0003.5 7 1e+20",
    );
    gives('{{ printf "%.4g" $value }}', "2874", 2874.13);
    gives('{{ printf "%d %s" 2.5 }}', "%!d(float64=2.5) %!s(MISSING)");
  });

  it("writes numbers for people", () => {
    gives("{{ $value | humanize }}", "1.235M", 1_234_567);
    gives("{{ $value | humanize }}", "78m");
    gives("{{ $value | humanize }}", "0", 0);
    gives("{{ $value | humanize1024 }}", "1.5ki", 1536);
    gives("{{ $value | humanizePercentage }}", "7.8%");
    gives("{{ $value | humanizeDuration }}", "1d 2h 3m 4s", 93_784);
    gives("{{ $value | humanizeDuration }}", "-5m 0s", -300);
    gives("{{ $value | humanizeDuration }}", "250ms", 0.25);
    gives("{{ $value | humanizeTimestamp }}", "2023-11-14 22:13:20 +0000 UTC", 1_700_000_000);
    gives('{{ "12" | humanize }}', "12");
  });

  it("chooses, repeats and names", () => {
    gives(
      "{{ if gt $value 0.05 }}high{{ else if gt $value 0.01 }}mid{{ else }}low{{ end }}",
      "high",
    );
    gives(
      "{{ if gt $value 0.05 }}high{{ else if gt $value 0.01 }}mid{{ else }}low{{ end }}",
      "mid",
      0.02,
    );
    gives("{{ if and (gt $value 1.0) true }}a{{ else }}b{{ end }}", "b");
    gives("{{ with $labels.service }}<{{ . }}>{{ else }}none{{ end }}", "<hms-ach>");
    gives("{{ with $labels.nothing }}<{{ . }}>{{ else }}none{{ end }}", "none");
    gives(
      "{{ range $name, $text := $labels }}{{ $name }}={{ $text }};{{ end }}",
      "instance=127.0.0.1:8000;service=hms-ach;",
    );
    gives("{{ $x := 1.0 }}{{ if true }}{{ $x = 2.0 }}{{ end }}{{ $x }}", "2");
    gives("a {{- /* not shown */ -}} b{{ `raw` }}", "abraw");
    gives(
      '{{ $labels.instance | stripPort }} {{ "a.gov:80" | stripDomain }} {{ "page now" | title }}',
      "127.0.0.1 a:80 Page Now",
    );
  });

  it("asks for queries and uses their answers", () => {
    const query =
      '{{ with query "up{job=\\"ach\\"}" }}{{ . | first | value }} of {{ len . }}{{ end }}';
    expect(expand(query)).toEqual({ text: "0 of 2", wantedQueries: [] });
    expect(expand(query, 1, new Map())).toEqual({ text: "", wantedQueries: ['up{job="ach"}'] });
    gives(
      '{{ range query "up{job=\\"ach\\"}" | sortByLabel "instance" }}{{ .Labels.instance }}{{ .Value }} {{ end }}',
      "a1 b0 ",
    );
    gives('{{ query "up{job=\\"ach\\"}" | first | label "instance" }}', "b");
  });

  it("says in the text what went wrong, and never fails the rule", () => {
    fails('{{ query "none" | first }}', "no elements");
    fails('{{ query "bad(" }}', "parse error");
    fails("{{ $labels.service | humanize }}", "can't convert");
    fails("{{ $value.x }}", "can't evaluate field x");
    fails("{{ nonsense }}", 'function "nonsense" not defined');
    fails("{{ if }}x{{ end }}", "missing value");
    fails("{{ if true }}x", "without {{end}}");
    fails("{{ $y }}", "undefined variable");
    fails("{{ 1", "unclosed action");
  });

  it("ends in bounds, whatever it is fed", () => {
    const wide = '{{ printf "%200s" "x" }}'.repeat(1000);
    fails(wide, "too long");
    expect(checkTemplate(`{{ ${"(".repeat(5000)}1${")".repeat(5000)} }}`)).toBe(
      "nested too deeply",
    );
    expect(checkTemplate("{{ if true }}".repeat(5000))).toBe("nested too deeply");
    expect(checkTemplate(`{{ ${".a".repeat(100_000)} }}`)).toBe("nested too deeply");
    const nested = `${"{{ range $a := $labels }}".repeat(20)}x${"{{ end }}".repeat(20)}`;
    expect(expand(nested).text.length).toBeLessThan(200_000);
  });
});
