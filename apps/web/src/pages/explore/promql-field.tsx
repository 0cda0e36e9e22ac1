import type { HubPort } from "@hms-ops/panels";
import type { PromqlEditor } from "@hms-ops/panels/editor";
import { useEffect, useRef } from "react";

interface PromqlFieldProps {
  readonly label: string;
  readonly value: string;
  readonly hub: HubPort;
  readonly focused: boolean;
  onChange(value: string): void;
  onRun(value: string): void;
}

/** The editor, loaded when it is first wanted; until then the text stands there. */
export function PromqlField(props: PromqlFieldProps) {
  const ref = useRef<HTMLDivElement>(null);
  const editor = useRef<PromqlEditor>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { hub, label, value } = props;
  useEffect(() => {
    const element = ref.current;
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
  return (
    <div className="explore-editor" ref={ref}>
      <pre>{value}</pre>
    </div>
  );
}

/** Without its script the expression still stands there, and the address can be edited. */
function reportNothing(): void {}
