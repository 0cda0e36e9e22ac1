import { Dialog } from "@hms-mfe/bricks";
import { SHORTCUTS } from "./shortcuts.ts";
import "./help-dialog.css";

interface HelpDialogProps {
  readonly open: boolean;
  onClose(): void;
  readonly shortcutsOn: boolean;
  onShortcuts(on: boolean): void;
  readonly version: string | undefined;
}

export function HelpDialog(props: HelpDialogProps) {
  return (
    <Dialog title="Help" open={props.open} onClose={props.onClose}>
      <h3>Keys</h3>
      <dl className="help-keys">
        {SHORTCUTS.map(({ keys, words }) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd className="hms-key" key={key}>
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <label className="help-switch">
        <input
          type="checkbox"
          checked={props.shortcutsOn}
          onChange={(event) => props.onShortcuts(event.target.checked)}
        />
        Use keys without Ctrl or Alt
      </label>
      <p className="hms-small hms-dim">
        On a chart: drag to zoom, double click to zoom out, ← and → read values.
        {props.version ? ` HMS-OPS ${props.version}.` : ""}
      </p>
    </Dialog>
  );
}
