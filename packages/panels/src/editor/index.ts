export {
  mountPromqlEditor,
  type PromqlEditor,
  type PromqlEditorOptions,
} from "./promql-editor.ts";
