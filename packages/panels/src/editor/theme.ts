import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Tokens of the page, so that a change of theme needs nothing from us. */
const look = EditorView.theme({
  "&": {
    backgroundColor: "var(--well)",
    color: "var(--ink)",
    border: "1px solid var(--edge)",
    borderRadius: "var(--radius)",
    minHeight: "88px",
  },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": {
    fontFamily: "var(--f-code)",
    fontSize: "var(--t2)",
    lineHeight: "var(--l3)",
    fontVariantLigatures: "none",
  },
  ".cm-content": { padding: "8px 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 12px" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": {
    backgroundColor: "transparent",
    color: "var(--ink-3)",
    border: "0",
    borderRight: "1px solid var(--rule)",
  },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 12px 0 16px", minWidth: "40px" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    backgroundColor: "var(--accent-wash) !important",
  },
  ".cm-matchingBracket": {
    backgroundColor: "var(--accent-wash)",
    outline: "1px solid var(--edge)",
  },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--ink)",
    border: "1px solid var(--edge)",
    borderRadius: "var(--radius)",
    boxShadow: "0 4px 12px oklch(0 0 0 / 0.12)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--f-code)",
    maxHeight: "208px",
    minWidth: "208px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    padding: "0 12px",
    lineHeight: "26px",
    borderLeft: "3px solid transparent",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-wash)",
    color: "var(--ink)",
    borderLeftColor: "var(--accent)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": {
    fontFamily: "var(--f-ui)",
    fontStyle: "normal",
    color: "var(--ink-3)",
    marginLeft: "16px",
  },
  ".cm-completionInfo": {
    fontFamily: "var(--f-ui)",
    fontSize: "var(--t1)",
    color: "var(--ink-2)",
    padding: "8px 12px",
    maxWidth: "260px",
  },
  ".cm-diagnostic": { fontSize: "var(--t1)", padding: "4px 12px" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--crit)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--warn)" },
});

const words = HighlightStyle.define([
  { tag: tags.function(tags.variableName), color: "var(--syn-call)", fontWeight: "600" },
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--syn-word)" },
  { tag: tags.labelName, color: "var(--syn-label)" },
  { tag: tags.string, color: "var(--syn-string)" },
  { tag: [tags.number, tags.bool], color: "var(--syn-number)" },
  { tag: tags.comment, color: "var(--ink-3)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--crit)" },
]);

export const editorLook: Extension = [look, syntaxHighlighting(words)];
