import {
  dropLabels,
  type Labels,
  labelsKey,
  labelsOf,
  labelsToRecord,
  METRIC_NAME,
  type VectorElement,
} from "@hms-ops/model";
import type { Rule } from "../rules/rule.ts";
import { expandTemplate, type TemplateAnswers } from "../rules/template/expand.ts";

/** A sample of the rule's result with the alert's labels and annotations written out. */
export interface ActiveElement {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExpansionContext {
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  readonly nowMs: number;
  /** What templates asked for in an earlier attempt at this run, by query text. */
  readonly answers: TemplateAnswers;
}

export interface ExpandedElements {
  /** By labelsKey of the alert's labels. */
  readonly elements: ReadonlyMap<string, ActiveElement>;
  /** Two samples became one alert. */
  readonly duplicate: boolean;
  readonly wantedQueries: readonly string[];
}

const NAME_ALONE: ReadonlySet<string> = new Set([METRIC_NAME]);

export function expandElements(
  rule: Rule,
  vector: readonly VectorElement[],
  context: ExpansionContext,
): ExpandedElements {
  const elements = new Map<string, ActiveElement>();
  const wanted = new Set<string>();
  let duplicate = false;
  for (const { labels, value: number, histogram } of vector) {
    const value = histogram ? 0 : number;
    const own = labelsToRecord(dropLabels(labels, NAME_ALONE));
    const expand = (text: string) => {
      const expansion = expandTemplate(text, { ...context, labels: own, value, histogram });
      for (const query of expansion.wantedQueries) wanted.add(query);
      return expansion.text;
    };
    const alertLabels = labelsOf({
      ...own,
      ...mapValues(rule.labels, expand),
      alertname: rule.name,
    });
    const key = labelsKey(alertLabels);
    duplicate ||= elements.has(key);
    const annotations = mapValues(rule.annotations, expand);
    elements.set(key, { labels: alertLabels, annotations, value });
  }
  return { elements, duplicate, wantedQueries: [...wanted] };
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
