import type { HubPort } from "@hms-ops/panels";
import type { PromqlEditor } from "@hms-ops/panels/editor";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { EditorMarks, rangeIn } from "./marks.ts";
import type { ExplainNote } from "./use-explanation.ts";

export interface PromqlFieldHandle {
  focus(): void;
  /** Into the editor, with this piece of its text selected. */
  select(from: number, to: number): void;
}

interface PromqlFieldProps {
  readonly label: string;
  readonly value: string;
  readonly hub: HubPort;
  readonly focused: boolean;
  /** Their places are underlined. */
  readonly notes: readonly ExplainNote[];
  /** Element with their words. */
  readonly notesId: string;
  readonly ref: Ref<PromqlFieldHandle>;
  onChange(value: string): void;
  onRun(value: string): void;
  /** Alt+Shift+F. */
  onFormat(): void;
}

/** The editor, loaded when it is first wanted; until then the text stands there. */
export function PromqlField(props: PromqlFieldProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<PromqlEditor>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { hub, label, value } = props;
  useEffect(() => {
    const element = host.current;
    let left = false;
    import("@hms-ops/panels/editor").then(({ mountPromqlEditor }) => {
      if (left || !element) return;
      element.replaceChildren();
      const mounted = mountPromqlEditor(element, {
        value: latest.current.value,
        label,
        hub,
        onChange: (text) => latest.current.onChange(text),
        onRun: (text) => latest.current.onRun(text),
      });
      editor.current = mounted;
      if (latest.current.focused) mounted.focus();
    }, reportNothing);
    return () => {
      left = true;
      editor.current?.destroy();
      editor.current = undefined;
    };
  }, [hub, label]);
  useEffect(() => editor.current?.setValue(value), [value]);
  useMarks(host, props);
  useImperativeHandle(props.ref, () => ({
    focus: () => editor.current?.focus(),
    select(from, to) {
      editor.current?.focus();
      const range = host.current && rangeIn(host.current, from, to);
      if (range) getSelection()?.setBaseAndExtent(...edgesOf(range));
    },
  }));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the editor inside has the focus and its name.
    <div
      className="explore-editor"
      ref={host}
      onKeyDown={(event) => {
        if (event.code !== "KeyF" || !event.altKey || !event.shiftKey || event.ctrlKey) return;
        event.preventDefault();
        props.onFormat();
      }}
    >
      <pre>{value}</pre>
    </div>
  );
}

/** Underlines what the notes are about, again whenever the editor has drawn its text anew. */
function useMarks(
  host: { readonly current: HTMLDivElement | null },
  { notes, notesId }: Pick<PromqlFieldProps, "notes" | "notesId">,
): void {
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const marks = new EditorMarks(element);
    const draw = () => {
      const content = element.querySelector(".cm-content");
      content?.setAttribute("aria-describedby", notesId);
      content?.setAttribute(
        "aria-invalid",
        String(notes.some(({ severity }) => severity === "error")),
      );
      marks.set(notes);
    };
    draw();
    const redrawn = new MutationObserver(draw);
    redrawn.observe(element, { childList: true, subtree: true, characterData: true });
    return () => {
      redrawn.disconnect();
      marks.set([]);
    };
  }, [host, notes, notesId]);
}

function edgesOf(range: Range): [Node, number, Node, number] {
  return [range.startContainer, range.startOffset, range.endContainer, range.endOffset];
}

/** Without its script the expression still stands there, and the address can be edited. */
function reportNothing(): void {}
