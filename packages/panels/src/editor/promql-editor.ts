import {
  autocompletion,
  closeBrackets,
  closeCompletion,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewline } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { MOST_COMPLETIONS } from "../limits.ts";
import type { HubPort } from "../live/hub-port.ts";
import { completionSource } from "./completion-source.ts";
import { editorLook } from "./theme.ts";

export interface PromqlEditorOptions {
  readonly value: string;
  /** For a screen reader: `Expression`. */
  readonly label: string;
  /** Completes names and labels from it. */
  readonly hub: HubPort;
  onChange(value: string): void;
  /** Enter; Shift+Enter makes a new line. */
  onRun(value: string): void;
}

export interface PromqlEditor {
  setValue(value: string): void;
  focus(): void;
  destroy(): void;
}

/**
 * Mounts an editor for PromQL. Tab completes nothing and leaves the editor, as everywhere on the
 * page; Escape closes the completion first.
 */
export function mountPromqlEditor(
  element: HTMLElement,
  options: PromqlEditorOptions,
): PromqlEditor {
  const promql = new PromQLExtension().setComplete({
    remote: completionSource(options.hub),
    maxMetricsMetadata: MOST_COMPLETIONS,
  });
  let silent = false;
  const changed = EditorView.updateListener.of(({ docChanged, state }) => {
    if (docChanged && !silent) options.onChange(state.doc.toString());
  });
  const view = new EditorView({
    parent: element,
    state: EditorState.create({
      doc: options.value,
      extensions: [
        runKeys(options),
        promql.asExtension(),
        editing,
        editorLook,
        changed,
        EditorView.contentAttributes.of({ "aria-label": options.label }),
      ],
    }),
  });
  return {
    setValue(value) {
      const { doc } = view.state;
      if (doc.toString() === value) return;
      silent = true;
      view.dispatch({ changes: { from: 0, to: doc.length, insert: value } });
      silent = false;
    },
    focus: () => view.focus(),
    destroy() {
      promql.destroy();
      view.destroy();
    },
  };
}

/**
 * Below the completion's own Enter, which takes what an arrow key has chosen; above the one that
 * breaks the line.
 */
function runKeys(options: PromqlEditorOptions): Extension {
  const run = (view: EditorView) => {
    // It would lie over the answer.
    closeCompletion(view);
    options.onRun(view.state.doc.toString());
    return true;
  };
  return Prec.high(
    keymap.of([
      ...completionKeymap,
      { key: "Mod-Enter", run },
      { key: "Shift-Enter", run: insertNewline },
      { key: "Enter", run },
    ]),
  );
}

const editing: Extension = [
  lineNumbers(),
  history(),
  bracketMatching(),
  closeBrackets(),
  // Nothing is chosen before an arrow key chooses it: Enter runs what stands there.
  autocompletion({
    icons: false,
    maxRenderedOptions: 200,
    defaultKeymap: false,
    selectOnOpen: false,
  }),
  EditorView.lineWrapping,
  placeholder("sum by (service) (rate(requests_total[5m]))"),
  keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
];
